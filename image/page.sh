#!/usr/bin/env bash
# Builds the web app into assets/web/packed, from where the next `cargo build` takes it into the program, and runs its own tests.
set -euo pipefail
source "$(dirname "$0")/setup.sh"

case ${1:-} in
'') ;;
*)
    echo "usage: image/page.sh    builds the web app, if it is not built from these sources yet"
    [ "$1" = --help ] && exit 0 || exit 2
    ;;
esac
build_page
say "the page is in assets/web/packed; cargo build takes it into the program"
