#!/usr/bin/env bash
# From a bare Debian 12 with Rust to diagram videos of the samples. Run it again: it is quick and changes nothing.
set -euo pipefail
source "$(dirname "$0")/setup.sh"

case ${1:-} in
'') ;;
*)
    echo "usage: image/demo.sh    installs what is missing, builds, and renders assets/samples to target/demo"
    [ "$1" = --help ] && exit 0 || exit 2
    ;;
esac
began=$SECONDS
cd "$root"
need_build
say "building (release; the first build takes some minutes)"
# The main job alone: what the appliance needs besides would treble the build.
cargo build --release --locked --quiet --no-default-features
audiagram=$CARGO_TARGET_DIR/release/audiagram
need_models "$audiagram" base silero-vad

out=$root/target/demo
mkdir -p "$out"
for sample in assets/samples/*.ogg; do
    say "making $(basename "$sample" .ogg).mp4"
    "$audiagram" make "$sample" --out "$out"
done

took=$((SECONDS - began))
say "done in $((took / 60)) min $((took % 60)) s"
cat <<TEXT

Videos, captions, storyboards and posters:
$(ls -1 "$out"/*.mp4 | sed 's/^/  /')

Try next:
  $audiagram make YOUR-RECORDING.m4a         any audio or video file
  $audiagram make assets/samples/tram.ogg --theme dark --size 9:16 --out /tmp
  $audiagram outline assets/samples/order.txt
  $audiagram --help
TEXT
