#!/usr/bin/env bash
# A real PostgreSQL for tests: own folder, free port on loopback, never run as root.
#
#   scripts/postgres.sh start [PORT]     start one that stays; prints its URL
#   scripts/postgres.sh stop             stop it and remove its folder
#   scripts/postgres.sh run COMMAND...   run COMMAND with TEST_POSTGRES_URL set; stops afterwards,
#                                        also when interrupted
#
# TEST_POSTGRES_OPTIONS: more options of the server, for instance "-c fsync=off".
# `start` and `stop` keep the folder in $ROUNDSMAN_TEST_POSTGRES_DIR
# (default: roundsman-postgres-UID in the folder for temporary files). Root on Debian: a missing server is installed.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=scripts/lib.sh
. "$here/lib.sh"

# The newest PostgreSQL whose initdb stands beside the server, with btree_gist to go with it.
# Debian's own folders come first: what is on the PATH may be a wrapper.
find_bin() {
    local bin tool share
    for bin in $(printf '%s\n' /usr/lib/postgresql/*/bin | sort -rV) \
        "$(dirname "$(command -v pg_ctl || echo /nowhere/pg_ctl)")"; do
        for tool in initdb pg_ctl postgres; do
            [ -x "$bin/$tool" ] || continue 2
        done
        if [ -x "$bin/pg_config" ]; then
            share=$("$bin/pg_config" --sharedir)
            [ -e "$share/extension/btree_gist.control" ] || continue
        fi
        printf '%s\n' "$bin"
        return
    done
    return 1
}

# as_server COMMAND...: run as the user the server belongs to, which cannot be root.
as_server() {
    if [ "$(id -u)" -ne 0 ]; then
        "$@"
    elif command -v runuser >/dev/null; then
        (cd / && runuser -u "$server_user" -- "$@")
    else
        (cd / && su -s /bin/sh "$server_user" -c "$(printf '%q ' "$@")")
    fi
}

prepare() {
    bin=$(find_bin) || {
        need_packages postgresql
        bin=$(find_bin) || die "the package postgresql brought no initdb with btree_gist"
    }
    server_user=$(id -un)
    if [ "$(id -u)" -eq 0 ]; then
        server_user=postgres
        id postgres >/dev/null 2>&1 || server_user=nobody
    fi
}

port_is_free() {
    ! (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

# launch DIR [PORT]: initialize and start in DIR; sets TEST_POSTGRES_URL.
launch() {
    say "Starting PostgreSQL from $bin"
    local dir=$1 wanted=${2:-} port attempt
    mkdir -p "$dir"
    chmod 700 "$dir"
    [ "$(id -u)" -ne 0 ] || chown "$server_user" "$dir"
    as_server "$bin/initdb" --no-sync -D "$dir/cluster" -U roundsman --auth=trust --encoding=UTF8 \
        --locale=C.UTF-8 --no-instructions >"$dir.log" 2>&1 || {
        cat "$dir.log" >&2
        die "initdb failed in $dir"
    }
    rm -f "$dir.log"
    for attempt in 1 2 3 4 5 6 7 8 9 10; do
        port=${wanted:-$((20000 + RANDOM % 12000))}
        # Another process may take the port between this look and the start: hence the attempts.
        if port_is_free "$port" && as_server "$bin/pg_ctl" -D "$dir/cluster" -s -w -t 60 \
            -l "$dir/server.log" -o "-p $port -c listen_addresses=127.0.0.1 \
            -c unix_socket_directories='' -c max_connections=300 -c shared_buffers=128MB \
            -c max_locks_per_transaction=512 -c timezone=UTC ${TEST_POSTGRES_OPTIONS:-}" start; then
            export TEST_POSTGRES_URL="postgres://roundsman@127.0.0.1:$port/postgres"
            return
        fi
        [ -z "$wanted" ] || break
    done
    [ ! -e "$dir/server.log" ] || tail -n 20 "$dir/server.log" >&2
    die "PostgreSQL did not start after $attempt attempts, last on port $port"
}

# halt DIR: stop whatever runs in DIR and remove it. Quiet when there is nothing.
halt() {
    local dir=$1
    if [ -e "$dir/cluster/postmaster.pid" ]; then
        as_server "$bin/pg_ctl" -D "$dir/cluster" -s -w -m immediate stop || true
    fi
    rm -rf "$dir"
}

kept=${ROUNDSMAN_TEST_POSTGRES_DIR:-${TMPDIR:-/tmp}/roundsman-postgres-$(id -u)}
case ${1:-} in
start)
    prepare
    [ ! -e "$kept" ] || die "$kept exists: stop that server first with: scripts/postgres.sh stop"
    launch "$kept" "${2:-}"
    printf '%s\n' "$TEST_POSTGRES_URL"
    ;;
stop)
    prepare
    halt "$kept"
    ;;
run)
    shift
    [ $# -gt 0 ] || die "usage: scripts/postgres.sh run COMMAND..."
    prepare
    with_servers postgres "$@"
    ;;
*)
    die "usage: scripts/postgres.sh start [PORT] | stop | run COMMAND..."
    ;;
esac
