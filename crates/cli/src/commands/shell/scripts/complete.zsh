# daypass: completion, asked of the program at every Tab.
_daypass() {
    local line word=${(Q)PREFIX} offset
    local -a before values shown
    before=("${(@Q)words[1,CURRENT-1]}")
    # Values are matched by zsh, as its user has set that up.
    if [[ $PREFIX == --*=* ]]; then
        before+=("${(Q)${PREFIX%%=*}}")
        compset -P 1 '*='
        word=
    elif [[ $PREFIX != -* ]]; then
        word=
    fi
    while IFS= read -r line; do
        case $line in
            :files) _files; return ;;
            :command:*)
                offset=${line#:command:}
                words=("${(@)words[offset+1,-1]}")
                (( CURRENT -= offset ))
                _normal
                return
                ;;
            *$'\t'*)
                values+=("${line%%$'\t'*}")
                shown+=("${line%%$'\t'*}  -- ${line#*$'\t'}")
                ;;
            *)
                values+=("$line")
                shown+=("$line")
                ;;
        esac
    done < <(command daypass complete zsh --word="$word" -- "${before[@]}" 2>/dev/null)
    (( $#values )) && compadd -l -d shown -a values
}
if [[ ${zsh_eval_context[-1]} == loadautofunc ]]; then
    _daypass "$@"
elif (( $+functions[compdef] )); then
    compdef _daypass daypass
fi
