#!/usr/bin/env bash
# Bar: kill -9 at random moments of a long job; it resumes, loses at most one window each time, same result.
#
#   benches/job/recovery.sh [KILLS=50] [MINUTES=30]
#
# Speaks MINUTES of the samples with pauses, transcribes them once undisturbed, then again while killing it
# KILLS times at moments drawn with a fixed seed. Prints the time of both and whether the transcripts are the same bytes; the
# difference of the times is what the kills cost: windows heard twice, and decoding and voice detection run anew.
set -euo pipefail
kills=${1:-50} minutes=${2:-30}
root=$(cd "$(dirname "$0")/../.." && pwd)
audiagram=${AUDIAGRAM:-${CARGO_TARGET_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/audiagram/target}/release/audiagram}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

long=$scratch/long.ogg
for ((i = 0; i < minutes; i++)); do
    printf "file '%s'\n" "$root/assets/samples/$(printf 'clinic order tram' | cut -d' ' -f$((i % 3 + 1))).ogg"
done >"$scratch/list.txt"
ffmpeg -v error -f concat -safe 0 -i "$scratch/list.txt" -t $((minutes * 60)) -c copy "$long"

transcribe() { # CACHE OUT: becomes the program, so that its process is the one to kill; its worker dies with it
    exec env XDG_CACHE_HOME="$1" "$audiagram" transcribe "$long" --model tiny.en --threads 1 --lang en --progress json \
        --format json --out "$2" 2>>"$scratch/log"
}

began=$SECONDS
(transcribe "$scratch/whole" "$scratch/whole.json")
whole=$((SECONDS - began))
echo "undisturbed: $whole s"

RANDOM=7
began=$SECONDS
for ((k = 1; k <= kills; k++)); do
    : >"$scratch/log"
    transcribe "$scratch/killed" "$scratch/killed.json" &
    # One of KILLS runs has this share of the whole to do, so that the kills fall all over the job.
    sleep "$(awk -v r=$RANDOM -v m="$whole" -v k="$kills" 'BEGIN { printf "%.2f", 0.3 + 2 * m / k * r / 32768 }')"
    kill -KILL $! 2>/dev/null || true
    wait $! 2>/dev/null || true
    [ -e "$scratch/killed.json" ] && break
done
echo "kills: $((k > kills ? kills : k - 1))"
[ -e "$scratch/killed.json" ] || (transcribe "$scratch/killed" "$scratch/killed.json")
echo "with kills: $((SECONDS - began)) s"
cmp "$scratch/whole.json" "$scratch/killed.json" && echo "same result"
