#!/usr/bin/env bash
# Speaks assets/samples/*.txt again: run it after changing a text, then commit the .ogg files.
# Monologues: the neural voice of hibari-tts (Apache-2.0). Dialogues ("Name: words" lines): one voice a channel,
# the first speaker left (hibari), the second right (festival, slt), so that each channel is one person.
set -euo pipefail
cd "$(dirname "$0")/../assets/samples"

for tool in hibari text2wave sox ffmpeg; do
    command -v "$tool" >/dev/null || {
        echo "samples.sh: $tool is missing: apt-get install festival festvox-us-slt-hts sox ffmpeg; pip install hibari-tts==0.2.1" >&2
        exit 1
    }
done
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

encode() { ffmpeg -v error -y -i "$1" -c:a libopus -b:a "$2" -application voip -map_metadata -1 -bitexact "$3"; }

speak() { # VOICE TEXT OUT: one utterance as 24 kHz mono
    case $1 in
    hibari) hibari "$2" --seed 0 -o "$scratch/raw.wav" >/dev/null ;;
    slt) text2wave -eval '(voice_cmu_us_slt_arctic_hts)' -o "$scratch/raw.wav" <<<"$2" ;;
    esac
    sox "$scratch/raw.wav" -r 24000 -c 1 -b 16 "$3" norm -3
}

for text in *.txt; do
    name=${text%.txt}
    parts=()
    n=0
    first=$(grep -oE '^[A-Z][a-z]+: ' "$text" | head -n 1 || true)
    while IFS= read -r line; do
        [ -n "$line" ] || continue
        n=$((n + 1))
        part=$(printf '%s/%s-%03d.wav' "$scratch" "$name" "$n")
        if [ -z "$first" ]; then
            speak hibari "$line" "$part"
            sox "$part" "$part.wav" pad 0 0.9
        elif [[ $line == "$first"* ]]; then
            speak hibari "${line#*: }" "$part"
            sox "$part" "$part.wav" pad 0 0.35 remix 1 0
        else
            speak slt "${line#*: }" "$part"
            sox "$part" "$part.wav" pad 0 0.35 remix 0 1
        fi
        parts+=("$part.wav")
    done <"$text"
    sox "${parts[@]}" "$scratch/$name.wav"
    encode "$scratch/$name.wav" "$([ -z "$first" ] && echo 24k || echo 40k)" "$name.ogg"
    printf '%s  %s s  %s bytes\n' "$name.ogg" "$(soxi -D "$scratch/$name.wav")" "$(stat -c %s "$name.ogg")"
done
