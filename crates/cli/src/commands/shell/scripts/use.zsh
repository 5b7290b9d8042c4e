# daypass: `daypass use` switches this shell; everything else is the program's.
function daypass {
    if [ "${1-}" != use ]; then
        command daypass "$@"
        return
    fi
    shift
    local _daypass_lines
    _daypass_lines=$(DAYPASS_USE_KEPT="${_daypass_kept-}" command daypass use --shell zsh "$@") || return
    case $_daypass_lines in
        '# daypass use'*) eval "$_daypass_lines" ;;
        '') ;;
        *) printf '%s\n' "$_daypass_lines" ;;
    esac
}
