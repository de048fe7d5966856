#!/usr/bin/env bash
# Bar: kill -9 at random moments of a long job; it resumes, loses at most one window or take each time, same result.
#
#   benches/job/recovery.sh [KILLS=50] [MINUTES=30]
#
# Joins samples to a recording of MINUTES, makes its video once undisturbed, then again while killing the program KILLS
# times at moments drawn with a fixed seed. Prints the time of both and whether every result is the same bytes; the
# difference of the times is what the kills cost: windows heard and takes drawn twice, decoding and voice detection anew.
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

make() { # CACHE OUT: becomes the program, so that its process is the one to kill; its worker dies with it
    exec env XDG_CACHE_HOME="$1" "$audiagram" make "$long" --model tiny.en --threads 1 --lang en --progress json \
        --out "$2" 2>>"$scratch/log"
}

began=$SECONDS
(make "$scratch/cache-whole" "$scratch/whole")
whole=$((SECONDS - began))
echo "undisturbed: $whole s"

RANDOM=7
began=$SECONDS
: >"$scratch/log"
for ((k = 1; k <= kills; k++)); do
    make "$scratch/cache-killed" "$scratch/killed" &
    # One of KILLS runs has this share of the whole to do, so that the kills fall all over the job.
    sleep "$(awk -v r=$RANDOM -v m="$whole" -v k="$kills" 'BEGIN { printf "%.2f", 0.3 + 2 * m / k * r / 32768 }')"
    kill -KILL $! 2>/dev/null || true
    wait $! 2>/dev/null || true
    [ -e "$scratch/killed/long.mp4" ] && break
done
echo "kills: $((k > kills ? kills : k - 1)); runs that came to drawing: $(grep -c '"stage":"render","share":0.0[,}]' "$scratch/log")"
[ -e "$scratch/killed/long.mp4" ] || (make "$scratch/cache-killed" "$scratch/killed")
echo "with kills: $((SECONDS - began)) s"
diff -r "$scratch/whole" "$scratch/killed" && echo "same result"
