#!/usr/bin/env bash
# Plays the files of a storyboard in real browsers: benches/play/run.sh STORYBOARD RECORDING PROGRAM [FOLDER]
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
board=$(realpath "$1")
recording=$(realpath "$2")
program=$(realpath "$3")
out=$(realpath -m "${4:-played}")
tools=${XDG_CACHE_HOME:-$HOME/.cache}/audiagram/play
mkdir -p "$tools" "$out"
"$program" render "$board" --audio "$recording" --out "$out" --quiet --force
"$program" render "$board" --audio "$recording" --container webm --out "$out" --quiet --force
"$program" export "$board" --audio "$recording" --to html --out "$out" --quiet
python3 "$here/boxes.py" "$out"/*.mp4 || failed=1
for file in "$out"/*.mp4 "$out"/*.webm; do
    # Of chapters and a cover in MP4 ffmpeg always says that it cannot decode the one and knows no clock of the other.
    found=$(ffprobe -v warning -i "$file" 2>&1; ffmpeg -nostdin -v warning -xerror -i "$file" -map 0:v:0 -map 0:a:0 -f null - 2>&1) || true
    found=$(grep -v -e 'timescale not set$' -e '^Unsupported codec with id 98314 ' <<<"$found" || true)
    if [ -z "$found" ]; then echo "ok   ffmpeg decodes ${file##*.} without a word"; else echo "FAIL ffmpeg about ${file##*.}: $found"; failed=1; fi
done
cp "$here"/*.mjs "$here/../export/checks.mjs" "$tools/"
cd "$tools"
[[ -d node_modules/puppeteer-core ]] || npm install --silent --no-audit --no-fund puppeteer-core@24.8
node play.mjs "$board" "$out" && exit "${failed:-0}"
