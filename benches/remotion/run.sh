#!/usr/bin/env bash
# The same storyboard by Audiagram and by Remotion in one run: benches/remotion/run.sh STORYBOARD RECORDING PROGRAM [FOLDER [TURN...]]
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
board=$(realpath "$1")
recording=$(realpath "$2")
program=$(realpath "$3")
out=$(realpath -m "${4:-beside-remotion}")
tools=${XDG_CACHE_HOME:-$HOME/.cache}/audiagram/remotion
version=4.0.529
mkdir -p "$tools" "$out"
cp "$here/composition.jsx" "$here/measure.mjs" "$tools/"
cd "$tools"
[[ -d node_modules/@remotion/renderer ]] || npm install --silent --no-audit --no-fund \
    "remotion@$version" "@remotion/bundler@$version" "@remotion/renderer@$version" react@19 react-dom@19
exec node measure.mjs "$board" "$recording" "$program" "$out" "${@:5}"
