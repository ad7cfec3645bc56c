#!/usr/bin/env bash
# Tests in a browser, tests/e2e: on a demo company of their own, and on an empty server for the story
# that goes through all pages; with TEST_POSTGRES_URL set, that one on PostgreSQL too. Before them: types
# of the front end against the server's own document.
#
#   scripts/e2e.sh            the tests, with the program built for debugging
#   scripts/e2e.sh measure    the pages against their budgets, with a release build
#   scripts/e2e.sh pictures [FOLDER]   a picture of every page, into var/pictures if no folder is named
#
# E2E_PROGRAM names a program that is built already.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/lib.sh
. scripts/lib.sh

what=${1:-tests}
need_browser
build_web
profile=debug
[ "$what" != measure ] || profile=release
program=${E2E_PROGRAM:-}
if [ -z "$program" ]; then
    need_build_tools
    flags=()
    [ "$profile" != release ] || flags=(--release)
    cargo build --locked --quiet --bin roundsman "${flags[@]}"
    program=${CARGO_TARGET_DIR:-target}/$profile/roundsman
fi

folder=$(mktemp -d)
servers=()
database=
# stop: end the servers and take away what they kept.
stop() {
    local server
    for server in "${servers[@]}"; do kill "$server" 2>/dev/null || true; done
    for server in "${servers[@]}"; do wait "$server" 2>/dev/null || true; done
    [ -z "$database" ] || sql "drop database if exists $database" || true
    rm -rf "$folder"
}
trap stop EXIT

# launch NAME ARGUMENTS...: start a server with ROUNDSMAN; it says where it listens in its log.
launch() {
    local name=$1
    shift
    "$program" "$@" >"$folder/$name.log" 2>&1 &
    servers+=($!)
}

# address NAME: wait until the server answers; prints where.
address() {
    local url
    for _ in $(seq 1 1200); do
        url=$(sed -n 's/.*\(http:\/\/127\.0\.0\.1:[0-9]*\).*/\1/p' "$folder/$1.log" | head -n 1)
        if [ -n "$url" ] && node -e "fetch('$url/readyz').then((a) => process.exit(a.ok ? 0 : 1), () => process.exit(1))"; then
            printf '%s' "$url"
            return
        fi
        sleep 0.2
    done
    cat "$folder/$1.log" >&2
    die "the server of $1 did not start"
}

# sql STATEMENT: on the PostgreSQL of the tests.
sql() {
    local psql
    psql=$(command -v psql || printf '%s\n' /usr/lib/postgresql/*/bin/psql | tail -n 1)
    "$psql" --quiet --no-psqlrc "$TEST_POSTGRES_URL" -c "$1"
}

# launch_empty NAME SETTINGS...: a server with a company that has nothing but its owner.
launch_empty() {
    local name=$1
    shift
    local settings=(--set "data.dir=$folder/$name" --set "email.outbox=$folder/$name/outbox"
        --set addresses.file=data/region/reykjavik-region.addresses.csv.zst "$@")
    ROUNDSMAN_PASSWORD=story-of-a-day-64 "$program" user add owner@story.example --found Story \
        "${settings[@]}" >"$folder/$name.log" 2>&1 || { cat "$folder/$name.log" >&2; die "no company for $name"; }
    launch "$name" serve --set server.listen=127.0.0.1:0 "${settings[@]}"
}

# launch_connecting PORT: a server for which the vendors of calendars are at PORT of this machine, where
# connect.test.js stands in for them.
launch_connecting() {
    local google=http://127.0.0.1:$1/google microsoft=http://127.0.0.1:$1/microsoft settings=() one
    for one in "google.accounts_url=$google/accounts/" "google.oauth_url=$google/oauth/" "google.api_url=$google/api/" \
        "microsoft.login_url=$microsoft/login/" "microsoft.graph_url=$microsoft/graph/" \
        {google,microsoft}.{client_id,client_secret}=e2e calendars.allowed_networks=127.0.0.1/32; do
        settings+=(--set "$one")
    done
    launch_empty connecting "${settings[@]}"
}

# browser_tests: one file after the other, since they change the plan of one company. What fails is
# tried once more, and named also if it passes then: a browser on a busy machine is not always in time.
browser_tests() {
    local file failed=() broken=()
    for file in tests/e2e/*.test.js tests/e2e/*.test.mjs; do
        node --test --test-force-exit "$file" || failed+=("$file")
    done
    # On a company that has nothing of what the first try left behind: holds, bookings, moves.
    if [ ${#failed[@]} -gt 0 ]; then
        launch again demo --port 0 --data "$folder/again"
        E2E_URL=$(address again)
    fi
    for file in "${failed[@]}"; do
        say "Once more: $file"
        if node --test --test-force-exit "$file"; then
            say "UNSTABLE: $file failed first and passed then"
        else
            broken+=("$file")
        fi
    done
    [ ${#broken[@]} -eq 0 ] || die "tests in a browser failed: ${broken[*]}"
}

launch demo demo --port 0 --data "$folder/demo"
if [ "$what" = tests ]; then
    launch_empty sqlite
    vendors=$(node -e "const s = require('net').createServer().listen(0, '127.0.0.1', () => { console.log(s.address().port); s.close(); })")
    launch_connecting "$vendors"
    if [ -n "${TEST_POSTGRES_URL:-}" ]; then
        database=roundsman_e2e_$$
        sql "create database $database"
        launch_empty postgresql --set "database.url=${TEST_POSTGRES_URL%/*}/$database"
    fi
fi
E2E_URL=$(address demo)
export E2E_URL
case $what in
tests)
    E2E_STORIES=sqlite=$(address sqlite)
    [ -z "$database" ] || E2E_STORIES="$E2E_STORIES postgresql=$(address postgresql)"
    E2E_CONNECT="$(address connecting) $vendors"
    export E2E_STORIES E2E_CONNECT
    say "Types of the front end"
    (cd web && npm run --silent api -- "$E2E_URL/api/openapi.json" -o shared/schema.d.ts >/dev/null && npm run --silent check)
    say "Tests in a browser"
    browser_tests
    ;;
measure)
    missed=0
    for one in measure.js day-speed.js booking-speed.mjs; do
        node "tests/e2e/$one" || missed=1
    done
    exit "$missed"
    ;;
pictures)
    node tests/e2e/screenshots.js "${2:-var/pictures}"
    ;;
*)
    die "what is $what? tests, measure or pictures"
    ;;
esac
