#!/usr/bin/env bash
# Makes the pictures of README.md from the samples: assets/stills/*.png, each the last moment of a scene.
# Run it after a change to how Audiagram understands, lays out or draws, and commit what it writes.
set -euo pipefail
source "$(dirname "$0")/setup.sh"
need_packages ffmpeg jq
cd "$root"
audiagram=$CARGO_TARGET_DIR/release/audiagram
cargo build --release --locked --quiet --no-default-features
need_models "$audiagram" base silero-vad
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
mkdir -p assets/stills

still() { # NAME SAMPLE CHAPTER OPTION...: the last frame before the next scene begins to move in
    local name=$1 sample=$2 chapter=$3
    shift 3
    "$audiagram" make "assets/samples/$sample.ogg" --out "$scratch/$name" --quiet "$@"
    local end
    end=$(ffprobe -v error -show_chapters -of json "$scratch/$name/$sample.mp4" |
        jq -r ".chapters[$chapter].end_time | tonumber - 0.9")
    ffmpeg -v error -y -ss "$end" -i "$scratch/$name/$sample.mp4" -frames:v 1 \
        -vf 'scale=-2:540:flags=lanczos' -map_metadata -1 "assets/stills/$name.png"
    echo "assets/stills/$name.png"
}

still order-flow order 0
still tram-timeline tram 0 --theme dark
still order-company order 1
still clinic-hierarchy clinic 0
still clinic-flow clinic 1 --theme dark
still password-sequence password 0 --size 1:1
