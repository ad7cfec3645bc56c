#!/usr/bin/env bash
# The receiving side of messages for tests: a mail server and the vendors' own libraries, in a Python
# environment of their own. Installed once, and again when tests/receivers/requirements.txt changes.
#
#   scripts/receivers.sh prepare         install what is missing; prints the path of its python
#   scripts/receivers.sh run COMMAND...  run COMMAND with TEST_RECEIVERS_PYTHON set
#
# The environment is kept in $ROUNDSMAN_RECEIVERS_DIR (default: target/receivers).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/lib.sh
. scripts/lib.sh

wanted=tests/receivers/requirements.txt
kept=${ROUNDSMAN_RECEIVERS_DIR:-target/receivers}

prepare() {
    mkdir -p "$kept"
    # Tests run at the same time: one installs, the others wait for it.
    exec 9>"$kept/lock"
    flock 9
    if ! cmp -s "$wanted" "$kept/installed.txt"; then
        python3 -c 'import ensurepip, venv' 2>/dev/null || need_packages python3 python3-venv
        say "Installing a mail server and the vendors' libraries for tests (once)"
        rm -rf "$kept/python"
        python3 -m venv "$kept/python" >&2
        "$kept/python/bin/pip" install --quiet --disable-pip-version-check -r "$wanted" >&2
        cp "$wanted" "$kept/installed.txt"
    fi
    exec 9>&-
    python=$(cd "$kept" && pwd)/python/bin/python
}

case ${1:-} in
prepare)
    prepare
    printf '%s\n' "$python"
    ;;
run)
    shift
    [ $# -gt 0 ] || die "usage: scripts/receivers.sh run COMMAND..."
    prepare
    export TEST_RECEIVERS_PYTHON=$python
    exec "$@"
    ;;
*)
    die "usage: scripts/receivers.sh prepare | run COMMAND..."
    ;;
esac
