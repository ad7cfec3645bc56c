#!/usr/bin/env bash
# Everything that must hold before a change goes in. Stops at the first step that fails.
#
# With TEST_POSTGRES_URL set it uses that server; otherwise it starts one of its own.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/lib.sh
. scripts/lib.sh

# step TITLE COMMAND...: run one step and say how long it took.
step() {
    local title=$1 begin=$SECONDS
    shift
    say "$title"
    "$@" || return
    say "$title: done in $((SECONDS - begin)) s"
}

check_scripts() {
    local script
    for script in scripts/*.sh .ci/run; do
        bash -n "$script"
    done
    if command -v shellcheck >/dev/null; then
        shellcheck -x scripts/*.sh .ci/run
    fi
}

# once_more LOG: tries what failed again, with nothing beside it. Real servers, clocks and processes are
# not always in time on a busy machine; what passes then is named all the same. More than three failures,
# or a test that took all others with it, are no accident.
once_more() {
    local failed
    mapfile -t failed < <(sed -n 's/^test \(.*\) \.\.\. FAILED$/\1/p' "$1")
    [ ${#failed[@]} -ge 1 ] && [ ${#failed[@]} -le 3 ] && ! grep -q '(signal: ' "$1" || return
    say "Once more: ${failed[*]}"
    cargo test --locked --workspace --lib --bins --tests -- --exact "${failed[@]}" || return
    say "UNSTABLE: failed first and passed then: ${failed[*]}"
}

# roomy FOLDER: whether it is memory with room for the files of all tests, beside what they need themselves.
roomy() {
    local room free
    [ -w "$1" ] && [ "$(stat -f -c %T "$1")" = tmpfs ] || return
    room=$(df --output=avail -k "$1" | tail -n 1)
    free=$(awk '/^MemAvailable/ { print $2 }' /proc/meminfo)
    [ "$room" -ge 4000000 ] && [ "$free" -ge 8000000 ]
}

# Tests make and remove thousands of small files: twice as fast where no disk has to follow.
if [ -z "${TMPDIR:-}" ] && roomy /dev/shm; then
    export TMPDIR=/dev/shm
fi

if [ -z "${TEST_POSTGRES_URL:-}" ]; then
    need_build_tools
    # The database goes when the tests are over: nothing waits for the disk. Benches do.
    export TEST_POSTGRES_OPTIONS="-c fsync=off -c synchronous_commit=off -c full_page_writes=off"
    exec scripts/postgres.sh run "${BASH_SOURCE[0]}"
fi

if [ -z "${TEST_RECEIVERS_PYTHON:-}" ]; then
    exec scripts/receivers.sh run "${BASH_SOURCE[0]}"
fi

if [ -z "${TEST_CALDAV_SERVERS:-}" ]; then
    exec scripts/calendars.sh run "${BASH_SOURCE[0]}"
fi

need_build_tools
step "Front end" build_web
step "Scripts" check_scripts
step "Formatting" cargo fmt --all --check
step "Clippy" cargo clippy --locked --workspace --all-targets -- -D warnings
step "Documentation" env RUSTDOCFLAGS="-D warnings" \
    cargo doc --locked --workspace --no-deps --document-private-items
step "Examples in the documentation" cargo test --locked --workspace --doc
step "The vendors' own calendar clients" scripts/vendors.sh prepare >/dev/null
step "Tests are built" cargo test --locked --workspace --lib --bins --tests --no-run

# The two long ones side by side: each waits much for clocks and disks. What the tests say comes last, so
# that the numbers of passed tests are what one sees at the end.
need_browser
log=$(mktemp)
# Twice as many at once as a small machine has cores: tests of servers wait more than they reckon.
export RUST_TEST_THREADS="${RUST_TEST_THREADS:-$(($(nproc) * 2))}"
setsid cargo test --locked --workspace --lib --bins --tests --no-fail-fast >"$log" 2>&1 &
tests=$!
trap 'kill -- "-$tests" 2>/dev/null || true; rm -f "$log"' EXIT
browser=passed
step "Tests in a browser" env E2E_PROGRAM="${CARGO_TARGET_DIR:-target}/debug/roundsman" scripts/e2e.sh || browser=failed
say "Tests, on SQLite and PostgreSQL, with real calendar servers"
tail --pid="$tests" --lines=+1 --follow "$log"
wait "$tests" || once_more "$log" || die "tests of the program failed: see above"
[ "$browser" = passed ] || die "the tests in a browser failed: see above, before those of the program"
