#!/usr/bin/env bash
# Builds the main job with hearing by a graphics processor (the feature `hear-gpu`), and holds its words against the processor's: on the
# graphics processor of this machine, else on a program that does what one does.
set -euo pipefail
source "$(dirname "$0")/setup.sh"
began=$SECONDS
cd "$root"
need_build
need_vulkan
need_packages libvulkan1 mesa-vulkan-drivers
say "building (release; the engine with its shaders takes eight minutes of processor time)"
# Program and test as one selection: another one would compile the shaders twice.
features=(--release --locked --quiet --no-default-features --features gpu,hear-gpu --test it)
cargo test "${features[@]}" --no-run
audiagram=$CARGO_TARGET_DIR/release/audiagram
need_models "$audiagram" tiny.en silero-vad
say "hearing by the processor and by a graphics processor"
# Skips, saying so, where there is neither: here it must not.
AUDIAGRAM_VULKAN=1 cargo test "${features[@]}" graphics_processor_hears -- --nocapture
"$audiagram" doctor | grep 'speech engine'
say "done in $(((SECONDS - began) / 60)) min: $audiagram"
