#!/usr/bin/env bash
# The bench of calendars: the demo company, built for release, against real calendar servers on
# loopback (those of scripts/calendars.sh), both started and stopped here.
#
#   scripts/bench-calendars.sh [--bookings 100] [--calendars 200] [--events 300]
#
# Arguments go to benches/calendars/calendars.py. BENCH_CALDAV names the servers (default: radicale;
# `radicale xandikos cyrus` for all), BENCH_BINARY a program that was built already.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/lib.sh
. scripts/lib.sh

if [ -z "${TEST_CALDAV_SERVERS:-}" ]; then
    if [ -z "${BENCH_BINARY:-}" ]; then
        need_build_tools
        say "Building (the first time takes some minutes)"
        cargo build --release --locked --bin roundsman
        BENCH_BINARY=target/release/roundsman
    fi
    export BENCH_BINARY
    exec scripts/calendars.sh run scripts/bench-calendars.sh "$@"
fi

[ $# -gt 0 ] || set -- --bookings 100 --calendars 200 --events 300
folder=$(mktemp -d "${TMPDIR:-/tmp}/roundsman-bench.XXXXXX")
demo=
finish() {
    [ -z "$demo" ] || kill "$demo" 2>/dev/null || true
    [ -z "$demo" ] || wait "$demo" 2>/dev/null || true
    rm -rf "$folder"
}
trap finish EXIT

for name in ${BENCH_CALDAV:-radicale}; do
    url=
    for member in $TEST_CALDAV_SERVERS; do
        [ "${member%%=*}" != "$name" ] || url=${member#*=}
    done
    [ -n "$url" ] || die "no calendar server called $name; there are: $TEST_CALDAV_SERVERS"
    # A company of its own for each server, so that none reads the calendars of another.
    "$BENCH_BINARY" demo --port 0 --data "$folder/$name" --set log.level=warn \
        --set calendars.allowed_networks=127.0.0.1 --set server.public_requests_per_minute=100000 \
        >"$folder/tour" 2>"$folder/log" &
    demo=$!
    for _ in $(seq 1 600); do
        grep -q '^Stop with' "$folder/tour" && break
        kill -0 "$demo" 2>/dev/null || { cat "$folder/log" >&2; die "the demo did not start"; }
        sleep 0.1
    done
    base=$(sed -n 's/^Open *\(http[^ ]*[^/ ]\)\/* *$/\1/p' "$folder/tour" | head -n 1)
    echo "== $name"
    python3 benches/calendars/calendars.py --base "$base" --caldav "$url" --pid "$demo" \
        --caldav-pid "$(cat "$TEST_CALDAV_DIR/$name/pid")" "$@"
    kill "$demo"
    wait "$demo" 2>/dev/null || true
    demo=
done
