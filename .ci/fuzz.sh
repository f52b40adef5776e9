#!/usr/bin/env bash
# Fuzzes every decoder for the given time each: .ci/fuzz.sh 30s
set -euo pipefail
cd "$(dirname "$0")/.."
each=${1:?how long each, 30s}
git ls-files '*_test.go' | xargs grep -lE '^func Fuzz' | xargs -n1 dirname | sort -u | while read -r dir; do
  for target in $(grep -hoE '^func Fuzz[A-Za-z0-9_]*' "$dir"/*_test.go | cut -d' ' -f2); do
    printf '%s %s: ' "$dir" "$target"
    go test -tags nomsgpack -run '^$' -fuzz "^$target\$" -fuzztime "$each" "./$dir" 2>&1 | tee /tmp/anteroom-fuzz.$$ | grep -E '^fuzz: elapsed' | tail -n 1 || true
    if grep -q -E '^(--- FAIL|FAIL)' /tmp/anteroom-fuzz.$$; then
      cat /tmp/anteroom-fuzz.$$ >&2
      rm -f /tmp/anteroom-fuzz.$$
      exit 1
    fi
    rm -f /tmp/anteroom-fuzz.$$
  done
done
