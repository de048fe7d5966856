#!/bin/sh
# PDF of storyboards and of reports against PDF/UA-1: benches/pdf/run.sh PROGRAM FOLDER STORYBOARD...
# PROGRAM holds the server; storyboards have their transcripts beside them.
set -eu
program=$(realpath "${1:?usage: benches/pdf/run.sh PROGRAM FOLDER STORYBOARD...}")
mkdir -p "${2:?a folder for the files}"
out=$(realpath "$2")
shift 2
here=$(dirname "$(realpath "$0")")
tools=${XDG_CACHE_HOME:-$HOME/.cache}/audiagram/pdf-checkers
[ -x "$tools/bin/python" ] || python3 -m venv "$tools"
"$tools/bin/pip" install --quiet --disable-pip-version-check --requirement "$here/checkers.txt" --requirement "$here/../doors/clients.txt"
for board in "$@"; do
    "$program" export "$board" --to pdf --out "$out" --quiet
done
failed=0
"$tools/bin/python" "$here/papers.py" "$program" "$out" || failed=1
"$tools/bin/pdfua" check "$out"/*.pdf || failed=1
"$tools/bin/python" "$here/tags.py" "$out"/*.pdf || failed=1
exit $failed
