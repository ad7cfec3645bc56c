#!/usr/bin/env bash
# Real calendar servers for tests, on free ports of loopback, in a folder of their own: Radicale,
# Xandikos and Cyrus IMAP.
#
#   scripts/calendars.sh start           start them; prints their addresses
#   scripts/calendars.sh stop            stop them and remove their folder
#   scripts/calendars.sh run COMMAND...  run COMMAND with TEST_CALDAV_SERVERS set; stops afterwards
#
# TEST_CALDAV_SERVERS holds members NAME=http://LOGIN:PASSWORD@127.0.0.1:PORT/HOME/ between blanks.
# `start` and `stop` keep the folder in $ROUNDSMAN_TEST_CALENDARS_DIR
# (default: roundsman-calendars-UID in the folder for temporary files). Python packages are kept in $ROUNDSMAN_TEST_PYTHON
# (default: ~/.cache/roundsman-python). Root on Debian: what is missing is installed; Cyrus is left
# out for others, since its processes need a user of their own.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=scripts/lib.sh
. "$here/lib.sh"

python_dir=${ROUNDSMAN_TEST_PYTHON:-$HOME/.cache/roundsman-python}
login=tester
password=secret-of-tests

prepare() {
    local missing=()
    command -v python3 >/dev/null || missing+=(python3)
    python3 -c 'import ensurepip' 2>/dev/null || missing+=(python3-venv)
    if [ "$(id -u)" -eq 0 ]; then
        [ -x /usr/lib/cyrus/bin/httpd ] || missing+=(cyrus-imapd cyrus-caldav)
        command -v saslpasswd2 >/dev/null || missing+=(sasl2-bin libsasl2-modules)
    fi
    [ ${#missing[@]} -eq 0 ] || need_packages "${missing[@]}"
    if [ ! -x "$python_dir/bin/radicale" ] || [ ! -x "$python_dir/bin/xandikos" ]; then
        say "Installing Radicale, Xandikos and readers of iCalendar into $python_dir"
        python3 -m venv "$python_dir"
        "$python_dir/bin/pip" install -q --disable-pip-version-check radicale==3.9.0 \
            xandikos==0.4.10 icalendar==7.3.0 vobject==0.9.9 >&2
    fi
    # A third reader of iCalendar, where there is Node.
    if command -v npm >/dev/null && [ ! -d "$python_dir/node_modules/ical.js" ]; then
        npm install --silent --no-audit --no-fund --prefix "$python_dir" ical.js@2.2.1 >&2
    fi
}

# free_port: a port that nobody listens on.
free_port() {
    python3 -c 'import socket
s = socket.socket()
s.bind(("127.0.0.1", 0))
print(s.getsockname()[1])'
}

# wait_for PORT NAME LOG: until somebody listens there.
wait_for() {
    local turn
    for turn in $(seq 1 200); do
        if (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; then
            return
        fi
        sleep 0.1
    done
    [ ! -e "$3" ] || tail -n 20 "$3" >&2
    die "$2 did not start after $turn looks at port $1"
}

start_radicale() {
    local dir=$1 port
    port=$(free_port)
    mkdir -p "$dir"
    printf '%s:%s\n' "$login" "$password" >"$dir/users"
    "$python_dir/bin/radicale" --server-hosts "127.0.0.1:$port" --auth-type htpasswd \
        --auth-htpasswd-filename "$dir/users" --auth-htpasswd-encryption plain --auth-delay 0 \
        --storage-filesystem-folder "$dir/storage" >"$dir/log" 2>&1 &
    echo $! >"$dir/pid"
    wait_for "$port" Radicale "$dir/log"
    servers+=("radicale=http://$login:$password@127.0.0.1:$port/$login/")
}

start_xandikos() {
    local dir=$1 port
    port=$(free_port)
    mkdir -p "$dir"
    "$python_dir/bin/xandikos" serve --defaults -d "$dir/storage" -l 127.0.0.1 -p "$port" \
        --current-user-principal "/$login/" >"$dir/log" 2>&1 &
    echo $! >"$dir/pid"
    wait_for "$port" Xandikos "$dir/log"
    servers+=("xandikos=http://$login:$password@127.0.0.1:$port/$login/calendars/")
}

start_cyrus() {
    local dir=$1 port imap
    port=$(free_port)
    imap=$(free_port)
    mkdir -p "$dir/conf" "$dir/spool" "$dir/run"
    cat >"$dir/imapd.conf" <<CONF
configdirectory: $dir/conf
proc_path: $dir/run/proc
mboxname_lockpath: $dir/run/lock
defaultpartition: default
partition-default: $dir/spool
admins: cyrus
allowplaintext: yes
httpmodules: caldav
httpallowcompress: no
sasl_mech_list: PLAIN
sasl_pwcheck_method: auxprop
sasl_auxprop_plugin: sasldb
sasl_sasldb_path: $dir/conf/sasldb2
caldav_realm: tests
CONF
    cat >"$dir/cyrus.conf" <<CONF
START {
  recover cmd="/usr/lib/cyrus/bin/ctl_cyrusdb -C $dir/imapd.conf -r"
}
SERVICES {
  http cmd="httpd -C $dir/imapd.conf" listen="127.0.0.1:$port" prefork=1 maxchild=20
  imap cmd="imapd -C $dir/imapd.conf" listen="127.0.0.1:$imap" prefork=0 maxchild=5
}
CONF
    local who
    for who in "$login" cyrus; do
        printf '%s' "$password" | saslpasswd2 -p -c -f "$dir/conf/sasldb2" "$who" 2>/dev/null
    done
    chown -R cyrus:mail "$dir"
    chmod 755 "$dir"
    /usr/lib/cyrus/bin/master -C "$dir/imapd.conf" -M "$dir/cyrus.conf" \
        -p "$dir/run/master.pid" >"$dir/log" 2>&1 &
    echo $! >"$dir/pid"
    wait_for "$imap" "Cyrus (IMAP)" "$dir/log"
    python3 - "$imap" "$login" "$password" <<'PYTHON'
import imaplib, sys
port, login, password = int(sys.argv[1]), sys.argv[2], sys.argv[3]
imap = imaplib.IMAP4("127.0.0.1", port)
imap.login("cyrus", password)
status, words = imap.create("user/" + login)
assert status == "OK", words
imap.logout()
PYTHON
    wait_for "$port" "Cyrus (HTTP)" "$dir/log"
    servers+=("cyrus=http://$login:$password@127.0.0.1:$port/dav/calendars/user/$login/")
}

# launch DIR: start everything below DIR; sets TEST_CALDAV_SERVERS and what else tests want to know.
launch() {
    local dir=$1
    say "Starting calendar servers"
    servers=()
    mkdir -p "$dir"
    chmod 755 "$dir"
    start_radicale "$dir/radicale"
    start_xandikos "$dir/xandikos"
    if [ "$(id -u)" -eq 0 ]; then
        start_cyrus "$dir/cyrus"
    else
        say "Cyrus IMAP is left out: it needs root"
    fi
    export TEST_CALDAV_SERVERS="${servers[*]}"
    # Logs and process ids are in its NAMEs.
    export TEST_CALDAV_DIR=$dir
    export TEST_PYTHON=$python_dir/bin/python
    [ ! -d "$python_dir/node_modules/ical.js" ] || export TEST_ICAL_JS=$python_dir
}

# halt DIR: stop whatever runs in DIR and remove it. Quiet when there is nothing.
halt() {
    local file
    for file in "$1"/*/pid; do
        [ -e "$file" ] || continue
        kill "$(cat "$file")" 2>/dev/null || true
    done
    for file in "$1"/*/pid; do
        [ -e "$file" ] || continue
        for _ in $(seq 1 50); do
            kill -0 "$(cat "$file")" 2>/dev/null || break
            sleep 0.1
        done
    done
    rm -rf "$1"
}

kept=${ROUNDSMAN_TEST_CALENDARS_DIR:-${TMPDIR:-/tmp}/roundsman-calendars-$(id -u)}
case ${1:-} in
start)
    prepare
    [ ! -e "$kept" ] || die "$kept exists: stop those servers first with: scripts/calendars.sh stop"
    launch "$kept"
    printf '%s\n' "$TEST_CALDAV_SERVERS"
    ;;
stop)
    halt "$kept"
    ;;
run)
    shift
    [ $# -gt 0 ] || die "usage: scripts/calendars.sh run COMMAND..."
    prepare
    with_servers calendars "$@"
    ;;
*)
    die "usage: scripts/calendars.sh start | stop | run COMMAND..."
    ;;
esac
