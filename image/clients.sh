#!/usr/bin/env bash
# The table of real clients: each asks a program that is running, and a row says its version and whether it is content, or why not.
#     image/clients.sh PROGRAM            installs what the clients need, and lets all of them ask
#     image/clients.sh --quick PROGRAM    installs nothing: those that are there, without the longest of their questions
# PROGRAM: a built audiagram. Ends with 1 where a client that ran is not content.
set -euo pipefail
source "$(dirname "$0")/setup.sh"

quick=
if [ "${1:-}" = --quick ]; then
    quick=--quick
    shift
fi
program=$(realpath "${1:?usage: image/clients.sh [--quick] PROGRAM}")
venv=${AUDIAGRAM_CLIENTS:-$cache/clients}
wire=$root/benches/wire/clients.txt doors=$root/benches/doors/clients.txt
if [ -z "$quick" ]; then
    need_packages python3-venv postgresql-15 postgresql-client odbc-postgresql unixodbc libpostgresql-jdbc-java default-jdk-headless prometheus
    if ! cat "$wire" "$doors" | cmp -s - "$venv/installed.txt"; then
        say "installing the clients from PyPI"
        python3 -m venv "$venv"
        "$venv/bin/pip" install --quiet --disable-pip-version-check --requirement "$wire" --requirement "$doors"
        cat "$wire" "$doors" >"$venv/installed.txt"
    fi
elif ! [ -f "$venv/installed.txt" ]; then
    say "the clients are not here: nothing was asked by them (image/clients.sh PROGRAM installs them)"
    exit 0
fi
exec "$venv/bin/python" "$root/benches/clients.py" $quick "$program"
