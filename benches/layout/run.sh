#!/usr/bin/env bash
# Lays the graphs of a file out with Audiagram, dagre, ELK and dot and scores all with one measure:
#   benches/layout/run.sh graphs.json
# A graph is {"id", "nodes": [{"id", "label"}], "edges": [[from, to]]}. Needs node and npm; the peers go into a folder of
# their own under the cache.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
graphs=$(realpath "$1")
peers=${XDG_CACHE_HOME:-$HOME/.cache}/audiagram/layout-peers
mkdir -p "$peers"
cd "$here/../.."
cargo build --workspace --release --quiet --bin layouts
layouts=${CARGO_TARGET_DIR:-target}/release/layouts
(
    cd "$peers"
    [[ -d node_modules/elkjs ]] || npm install --silent --no-audit --no-fund \
        @dagrejs/dagre@3.1.3 elkjs@0.12.1 @viz-js/viz@3.31.0
    cp "$here/peers.mjs" .
    "$layouts" boxes "$graphs" | node peers.mjs >answers.json
)
"$layouts" score "$graphs" "$peers/answers.json"
