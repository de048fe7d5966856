#!/usr/bin/env bash
# Draws twelve storyboards, one of each kind, in two themes and three canvases: contact sheets to look at after a change to layout or look.
#   image/contact.sh FOLDER [PROGRAM]     writes FOLDER/THEME-CANVAS.png; PROGRAM: a built audiagram, else one is built
set -euo pipefail
source "$(dirname "$0")/setup.sh"
need_packages ffmpeg
folder=$(mkdir -p "$1" && cd "$1" && pwd)
program=${2:-}
cd "$root"
if [ -z "$program" ]; then
    cargo build --release --locked --quiet --no-default-features
    program=$CARGO_TARGET_DIR/release/audiagram
fi
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# Passages of the corpus that the weights are trained on: what is looked at here is how they are drawn.
passages=(dentistry-flow-01 ambulance-swimlane-01 hospital-sequence-01 tailoring-state-01 pottery-timeline-01
    beekeeping-hierarchy-01 payroll-comparison-02 photography-cycle-02 tax-causes-01 zoo-quantities-01
    stock-architecture-01 accounting-mindmap-01)

text() { # ID: what is said in a passage, without what is noted about it
    awk -v id="$1" '/^=== /{ on = $2 == id; noted = 0; next } on && /^@ /{ noted = 1 } on && !noted' assets/language/en/corpus/*.txt
}

for theme in light dark; do
    for canvas in 1080p 9:16 1:1; do
        pictures=$scratch/$theme-$canvas
        mkdir -p "$pictures"
        for i in "${!passages[@]}"; do
            name=$(printf '%02d' "$i")
            text "${passages[i]}" >"$scratch/said.txt"
            [ -s "$scratch/said.txt" ] || { echo "contact.sh: the corpus has no passage ${passages[i]}" >&2; exit 1; }
            "$program" outline --quiet "$scratch/said.txt" --theme "$theme" --size "$canvas" --out "$scratch/board.json"
            "$program" export --quiet "$scratch/board.json" --to png --scene 1 --out "$scratch/shown"
            mv "$scratch"/shown/*.png "$pictures/$name.png"
        done
        case $canvas in 1080p) cell=640:360 tile=3x4 ;; 9:16) cell=300:534 tile=6x2 ;; 1:1) cell=480:480 tile=4x3 ;; esac
        ffmpeg -v error -y -framerate 1 -i "$pictures/%02d.png" -frames:v 1 \
            -vf "scale=$cell:flags=lanczos,tile=$tile:padding=12:margin=12:color=gray" "$folder/$theme-${canvas/:/x}.png"
        echo "$folder/$theme-${canvas/:/x}.png"
    done
done
