#!/usr/bin/env bash
# Tests in a browser, on a demo company of their own: types of the API against its document, then
# tests/e2e. With `measure` as argument: the board against its budgets, on a release build.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/lib.sh
. scripts/lib.sh

need_build_tools
need_browser
build_web
profile=()
if [ "${1:-}" = measure ]; then profile=(--release); fi
cargo build --locked --quiet --bin roundsman "${profile[@]}"
program=target/debug/roundsman
if [ ${#profile[@]} -gt 0 ]; then program=target/release/roundsman; fi

folder=$(mktemp -d)
"$program" demo --port 0 --data "$folder/demo" >"$folder/log" 2>&1 &
server=$!
trap 'kill "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; rm -rf "$folder"' EXIT
for _ in $(seq 1 1200); do
    E2E_URL=$(sed -n 's/.*\(http:\/\/127\.0\.0\.1:[0-9]*\).*/\1/p' "$folder/log" | head -n 1)
    if [ -n "$E2E_URL" ] && node -e "fetch('$E2E_URL/readyz').then((a) => process.exit(a.ok ? 0 : 1), () => process.exit(1))"; then break; fi
    kill -0 "$server" 2>/dev/null || { cat "$folder/log" >&2; die "the demo did not start"; }
    sleep 0.2
done
export E2E_URL
if [ "${1:-}" = measure ]; then
    node tests/e2e/measure.js
    exit
fi
say "Types of the front end"
(cd web && npm run --silent api -- "$E2E_URL/api/openapi.json" -o shared/schema.d.ts >/dev/null && npm run --silent check)
say "Tests in a browser"
node --test tests/e2e/
