# daypass: completion, asked of the program at every Tab.
function __daypass_complete
    set -l before (commandline -opc)
    set -l word (commandline -ct)
    for line in (command daypass complete fish --word="$word" -- $before 2>/dev/null)
        switch $line
            case ':files'
                __fish_complete_path "$word"
            case ':command:*'
                set -l offset (math 1 + (string replace ':command:' '' -- $line))
                complete -C (string join ' ' -- (string escape -- $before[$offset..-1]) "$word")
            case '*'
                echo $line
        end
    end
end
complete -c daypass -e
complete -c daypass -k -f -a '(__daypass_complete)'
