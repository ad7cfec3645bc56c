# Shared by the scripts beside it: messages, and Debian packages that must be there.
# Source it; it defines functions and runs nothing.
# shellcheck shell=bash

# Say what happens next, on stderr, so that a script's own answer stays alone on stdout.
say() {
    printf '==> %s\n' "$*" >&2
}

# Say what went wrong and leave.
die() {
    printf 'error: %s\n' "$*" >&2
    exit 1
}

# need_packages PACKAGE...: install Debian packages.
# As root on a Debian system it installs them; otherwise it prints the exact command and leaves.
need_packages() {
    local command="apt-get install -y --no-install-recommends $*"
    if ! command -v apt-get >/dev/null; then
        die "please install what Debian calls: $* (this system has no apt-get)"
    fi
    if [ "$(id -u)" -ne 0 ]; then
        die "some packages are missing; as root run: apt-get update && $command"
    fi
    say "Installing $*"
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -q >&2 </dev/null
    $command >&2 </dev/null
}

# need_build_tools: what a Rust build with C dependencies (SQLite, zstd, ring) needs.
need_build_tools() {
    local missing=()
    command -v cc >/dev/null || missing+=(gcc)
    [ -e /usr/include/stdlib.h ] || missing+=(libc6-dev)
    command -v make >/dev/null || missing+=(make)
    command -v pkg-config >/dev/null || missing+=(pkg-config)
    [ -e /etc/ssl/certs/ca-certificates.crt ] || missing+=(ca-certificates)
    # A toolchain that cargo has to fetch first needs none of them, a build of ours all of them.
    if [ ${#missing[@]} -gt 0 ]; then
        need_packages "${missing[@]}"
    fi
    need_rust
}

# need_rust: cargo, found also where rustup puts it for a shell that has not read its profile.
# As root on a Debian system rustup is fetched and run; otherwise the exact command is printed.
need_rust() {
    local home="${CARGO_HOME:-$HOME/.cargo}"
    local fetch="curl --proto =https --tlsv1.2 -sSf https://static.rust-lang.org/rustup/rustup-init.sh"
    local install="sh -s -- -y --profile minimal --component clippy --component rustfmt"
    if ! command -v cargo >/dev/null && [ ! -x "$home/bin/cargo" ]; then
        if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
            die "Rust is missing; install it with: $fetch | $install"
        fi
        command -v curl >/dev/null || need_packages curl ca-certificates
        say "Installing Rust"
        $fetch | $install >&2
    fi
    if ! command -v cargo >/dev/null; then
        PATH="$home/bin:$PATH"
        export PATH
    fi
    command -v cargo >/dev/null || die "cargo is not where rustup puts it: $home/bin"
}
