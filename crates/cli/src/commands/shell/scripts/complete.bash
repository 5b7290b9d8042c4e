# daypass: completion, asked of the program at every Tab.
_daypass() {
    local line list=
    [ "${COMP_TYPE-}" = 63 ] && list=--list
    COMPREPLY=()
    while IFS= read -r line; do
        case $line in
            :files) compopt -o default -o bashdefault 2>/dev/null ;;
            :command:*)
                if declare -F _command_offset >/dev/null; then
                    _command_offset "${line#:command:}"
                else
                    compopt -o default -o bashdefault 2>/dev/null
                fi
                ;;
            *) COMPREPLY+=("$line") ;;
        esac
    done < <(command daypass complete bash $list --line="${COMP_LINE:0:COMP_POINT}" --word="$2" 2>/dev/null)
}
complete -F _daypass daypass
