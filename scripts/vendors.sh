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

wanted=tests/vendors/requirements.txt
kept=${ROUNDSMAN_VENDORS_DIR:-target/vendors}

prepare() {
    mkdir -p "$kept"
    # Tests run at the same time: one installs, the others wait for it.
    exec 9>"$kept/lock"
    flock 9
    if ! cmp -s "$wanted" "$kept/installed.txt"; then
        python3 -c 'import ensurepip, venv' 2>/dev/null || need_packages python3 python3-venv
        say "Installing the vendors' libraries (some 500 MB of disk, once)"
        rm -rf "$kept/python"
        python3 -m venv "$kept/python" >&2
        "$kept/python/bin/pip" install --quiet --disable-pip-version-check -r "$wanted" >&2
        cp "$wanted" "$kept/installed.txt"
    fi
    exec 9>&-
    python=$kept/python/bin/python
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
