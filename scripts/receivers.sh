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

kept=${ROUNDSMAN_RECEIVERS_DIR:-target/receivers}

prepare() {
    need_python tests/receivers/requirements.txt "$kept" "a mail server and the vendors' libraries for tests"
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
