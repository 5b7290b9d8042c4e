#!/bin/sh
# Runs in an isolated sandbox: CONFIG DAYPASS PROFILE POLICY COMMAND... logs in to that
# profile of that config file, seals the login if POLICY is not `off`, and becomes the command.
set -eu
mkdir -p "$HOME/.aws"
cp "$1" "$HOME/.aws/config"
"$2" sso login --profile "$3" >/dev/null
[ "$4" = off ] || "$2" vault on --profile "$3" --policy "$4" >/dev/null
shift 4
exec "$@"
