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
say "building (release; the shaders alone take ten minutes of processor time)"
features=(--release --locked --quiet --no-default-features --features gpu,hear-gpu)
cargo build "${features[@]}"
audiagram=$CARGO_TARGET_DIR/release/audiagram
need_models "$audiagram" tiny.en silero-vad
say "hearing by the processor and by a graphics processor"
# Skips, saying so, where there is neither: here it must not.
AUDIAGRAM_VULKAN=1 cargo test "${features[@]}" --test it graphics_processor_hears -- --nocapture
"$audiagram" doctor | grep 'speech engine'
say "done in $(((SECONDS - began) / 60)) min: $audiagram"
