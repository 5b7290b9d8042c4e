#!/bin/sh
# Runs in an isolated sandbox: CONFIG DAYPASS PROFILE POLICY COMMAND... logs in to that
# profile of that config file, seals the login if POLICY is not `off`, and becomes the command.
set -eu
mkdir -p "$HOME/.aws"
cp "$1" "$HOME/.aws/config"
"$2" sso login --profile "$3" >/dev/null
[ "$4" = off ] || "$2" vault on --profile "$3" --policy "$4" >/dev/null
shift 4
# Java trusts nobody but a store of its own.
case " $* " in
*" java "*)
    keytool -importcert -noprompt -alias sandbox -storepass changeit \
        -keystore "$HOME/trust" -file "$AWS_CA_BUNDLE" >/dev/null 2>&1
    export JAVA_TOOL_OPTIONS="-Djavax.net.ssl.trustStore=$HOME/trust -Djavax.net.ssl.trustStorePassword=changeit"
    ;;
esac
exec "$@"
