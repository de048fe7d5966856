#!/bin/sh
# Starts the appliance and a PostgreSQL 15, and lets real clients ask both. The program is the one argument.
set -eu
program=$(realpath "${1:?usage: benches/wire/run.sh PROGRAM}")
here=$(dirname "$(realpath "$0")")
clients=${AUDIAGRAM_WIRE_CLIENTS:-${XDG_CACHE_HOME:-$HOME/.cache}/audiagram/wire-clients}
[ -x "$clients/bin/python" ] || python3 -m venv "$clients"
"$clients/bin/pip" install --quiet --disable-pip-version-check --requirement "$here/clients.txt"
shift
exec "$clients/bin/python" "$here/run.py" "$program" "$@"
