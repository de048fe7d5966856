#!/bin/sh
# Starts the appliance and lets real clients of its doors ask and send. The program is the one argument.
set -eu
program=$(realpath "${1:?usage: benches/doors/run.sh PROGRAM}")
here=$(dirname "$(realpath "$0")")
clients=${AUDIAGRAM_DOOR_CLIENTS:-${XDG_CACHE_HOME:-$HOME/.cache}/audiagram/door-clients}
[ -x "$clients/bin/python" ] || python3 -m venv "$clients"
"$clients/bin/pip" install --quiet --disable-pip-version-check --requirement "$here/clients.txt"
exec "$clients/bin/python" "$here/run.py" "$program"
