#!/usr/bin/env bash
# Builds the controller twice, from fresh clones in two directories, console included, and holds the two binaries to be one:
# same bytes, and linked to nothing.
set -euo pipefail
cd "$(dirname "$0")/.."
here=$PWD
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
for copy in one another/with/a/longer/name; do
  git clone -q "$here" "$scratch/$copy"
  mkdir -p "$scratch/$copy/build"
  # Fonts are pinned by hash and need not be fetched again.
  cp -r build/fonts "$scratch/$copy/build/"
  [ ! -d build/node ] || cp -r build/node "$scratch/$copy/build/"
  # Neither the time nor where things are may matter.
  (cd "$scratch/$copy" && TZ="UTC-${#copy}" make --no-print-directory controller >/dev/null)
done
readelf --program-headers --wide "$scratch/one/bin/controller" | grep -q INTERP && { echo 'The controller is linked to shared libraries.' >&2; exit 1; }
cmp "$scratch/one/bin/controller" "$scratch/another/with/a/longer/name/bin/controller"
sha256sum <"$scratch/one/bin/controller" | sed 's/-$/controller, twice the same and static/'
