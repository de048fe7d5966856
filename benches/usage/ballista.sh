#!/bin/sh
# The same queries over the same files by Ballista, the cluster of the appliance's own engine: a scheduler and two executors on this machine.
#
#     usage rows /tmp/rows && benches/usage/ballista.sh /tmp/rows [TIMES]    # or a folder that `audiagram table export usage --by day` wrote
#
# Scheduler and executor are built once from crates.io, which takes a while and for its length 3 GB, with little optimisation: times are those
# of such a build. The scheduler speaks Flight SQL, so that the client is ADBC from PyPI. AUDIAGRAM_BALLISTA names another folder for all of it.
set -eu
folder=$(realpath "${1:?usage: benches/usage/ballista.sh FOLDER [TIMES]}")
here=$(dirname "$(realpath "$0")")
# Its version is that of the DataFusion in our Cargo.lock.
version=55.0.0
tools=${AUDIAGRAM_BALLISTA:-${XDG_CACHE_HOME:-$HOME/.cache}/audiagram/ballista-$version}
export CARGO_TARGET_DIR="$tools/target" CARGO_PROFILE_DEV_OPT_LEVEL=1 CARGO_PROFILE_DEV_DEBUG=0 CARGO_PROFILE_DEV_DEBUG_ASSERTIONS=false
install() {
    name=$1
    shift
    [ -x "$tools/bin/$name" ] || (cd "$tools" && cargo install --quiet --locked --profile dev --root "$tools" "$name@$version" "$@")
}
mkdir -p "$tools"
install ballista-executor
# Neither the page nor the REST interface.
install ballista-scheduler --no-default-features --features build-binary,flight-sql
rm -rf "$CARGO_TARGET_DIR"
[ -x "$tools/clients/bin/python" ] || python3 -m venv "$tools/clients"
"$tools/clients/bin/pip" install --quiet --disable-pip-version-check --requirement "$here/ballista.txt"
shift
exec "$tools/clients/bin/python" "$here/ballista.py" "$tools/bin" "$folder" "$@"
