#!/usr/bin/env bash
# Bundles the console, if anything that it is made of changed since the last time.
set -euo pipefail
cd "$(dirname "$0")/.."
web=controller/console/web
[ -x build/node/bin/node ] && export PATH="$PWD/build/node/bin:$PATH"
mkdir -p build
bin/controller-api openapi >build/openapi.json
stamp=$(cat build/openapi.json <(find "$web" -path "$web/node_modules" -prune -o -path "$web/dist" -prune -o -name schema.d.ts -o -type f -print0 | sort -z | xargs -0 sha256sum) | sha256sum | cut -d' ' -f1)
[ "$(cat build/console.stamp 2>/dev/null)" != "$stamp" ] || [ ! -f "$web/dist/index.html" ] || exit 0
log=$(mktemp)
if ! (cd "$web" && npm ci --no-audit --no-fund && npm run build) >"$log" 2>&1; then
  tail -n 40 "$log" >&2
  exit 1
fi
rm -f "$log"
echo "$stamp" >build/console.stamp
