#!/usr/bin/env bash
# Exports a storyboard and opens every file with the program it is for: benches/export/run.sh STORYBOARD PROGRAM [FOLDER]
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
board=$(realpath "$1")
program=$(realpath "$2")
out=$(realpath -m "${3:-exported}")
tools=${XDG_CACHE_HOME:-$HOME/.cache}/audiagram/export-peers
mkdir -p "$tools" "$out"
(
    cd "$tools"
    [[ -d node_modules/axe-core ]] || npm install --silent --no-audit --no-fund mermaid@11 @terrastruct/d2@0.1 \
        bpmn-js@18 bpmn-moddle@10 mxgraph@4 @excalidraw/utils@0.1 playwright-core@1.65 axe-core@4
)
cp "$here"/*.mjs "$tools/"
cd "$tools"
exec node open.mjs "$board" "$program" "$out"
