#!/usr/bin/env bash
# Builds the front end into web/dist. Debug builds of the server read it there; release builds take
# it in, so build them afterwards.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/lib.sh
. scripts/lib.sh

build_web
