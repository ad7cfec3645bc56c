#!/usr/bin/env bash
# The vendors' own calendar libraries, in a Python environment of their own. Installed once, and
# again when tests/vendors/requirements.txt changes.
#
#   scripts/vendors.sh prepare            install what is missing; prints the path of its python
#   scripts/vendors.sh run SCRIPT ARG...  prepare, then run a Python script of ours with it
#
# The environment is kept in $ROUNDSMAN_VENDORS_DIR (default: target/vendors).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/lib.sh
. scripts/lib.sh

kept=${ROUNDSMAN_VENDORS_DIR:-target/vendors}

prepare() {
    need_python tests/vendors/requirements.txt "$kept" "the vendors' libraries, some 500 MB of disk"
}

case ${1:-} in
prepare)
    prepare
    printf '%s\n' "$python"
    ;;
run)
    shift
    [ $# -gt 0 ] || die "usage: scripts/vendors.sh run SCRIPT ARG..."
    prepare
    exec "$python" "$@"
    ;;
*)
    die "usage: scripts/vendors.sh prepare | run SCRIPT ARG..."
    ;;
esac
