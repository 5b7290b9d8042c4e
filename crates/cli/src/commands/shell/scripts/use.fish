# daypass: `daypass use` switches this shell; everything else is the program's.
function daypass --description 'AWS IAM Identity Center'
    if test "$argv[1]" != use
        command daypass $argv
        return
    end
    set -l lines (
        set -lx DAYPASS_USE_KEPT "$_daypass_kept"
        command daypass use --shell fish $argv[2..-1]
    )
    set -l code $status
    if test $code -ne 0
        return $code
    end
    if string match -q '# daypass use*' -- "$lines[1]"
        string join \n -- $lines | source
    else if test -n "$lines"
        string join \n -- $lines
    end
end
