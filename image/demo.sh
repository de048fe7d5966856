#!/usr/bin/env bash
# From a bare Debian 12 with Rust to the running product: builds the web app and the program, makes videos of the samples, and serves the
# appliance with its page. Run it again: it is quick, and goes on with the same data.
set -euo pipefail
source "$(dirname "$0")/setup.sh"

usage() {
    cat <<TEXT
usage: image/demo.sh [--videos | --no-serve]
  (nothing)    installs what is missing, builds, renders assets/samples to target/demo, and serves the appliance until Ctrl-C
  --no-serve   the same without serving
  --videos     the main job alone, which builds in a third of the time: no appliance, no page
TEXT
}
appliance=yes serve=yes
case ${1:-} in
'') ;;
--no-serve) serve= ;;
--videos) appliance='' serve='' ;;
--help) usage && exit 0 ;;
*) usage >&2 && exit 2 ;;
esac
began=$SECONDS
cd "$root"
need_build
if [ "$appliance" ]; then
    # First, for the program takes it in. It is tried by test.sh; here it is used.
    build_page untried
    say "building with the appliance (release; the first build takes a good while; --videos builds the main job alone in a third of it)"
    cargo build --release --locked --quiet
else
    say "building the main job (release; the first build takes some minutes)"
    cargo build --release --locked --quiet --no-default-features
fi
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
[ "$appliance" ] || exit 0
cat <<TEXT

The appliance with its page, whose data stay in $out/data:
  $audiagram serve --data $out/data          then https://localhost:8443/set-up, with the code that it prints
TEXT
[ "$serve" ] || exit 0
say "serving; Ctrl-C ends it. Open https://localhost:8443/set-up (the certificate is the appliance's own)"
exec "$audiagram" serve --data "$out/data"
