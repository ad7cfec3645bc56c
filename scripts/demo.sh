#!/usr/bin/env bash
# Builds Roundsman and starts the demo company. Arguments go to `roundsman demo`.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/lib.sh
. scripts/lib.sh

need_build_tools
build_web
say "Building (the first time takes some minutes)"
cargo build --release --locked --bin roundsman
# cargo replaces itself with the program, so signals reach it directly.
exec cargo run --release --locked --quiet --bin roundsman -- demo "$@"
