#!/usr/bin/env bash
# Fuzzes every decoder, guided by coverage, for the given time each: .ci/fuzz.sh 30s
# Or gives each so many inputs, in one process and not guided, made of the seeds and of what the guided fuzzer
# has kept: .ci/fuzz.sh 10000000x
# More arguments are the names of the targets to fuzz, with the directory: player/journal:FuzzUnseal
set -euo pipefail
cd "$(dirname "$0")/.."
each=${1:?how long each, 30s, or how many inputs, 10000000x}
shift
log=$(mktemp)
trap 'rm -f "$log"' EXIT

targets() {
  git ls-files '*_test.go' | xargs grep -oE '^func Fuzz[A-Za-z0-9_]*' | sed -E 's|/[^/]*:func |:|' | sort
}

guided() { # directory target
  go test -tags nomsgpack -run '^$' -fuzz "^$2\$" -fuzztime "$each" "./$1"
}

campaign() { # directory target
  ANTEROOM_INPUTS=${each%x} ANTEROOM_CORPUS="$(go env GOCACHE)/fuzz/$(go list -tags nomsgpack "./$1")/$2" \
    go test -tags nomsgpack -count=1 -timeout 24h -v -run "^$2\$" "./$1"
}

how=guided
[[ $each == *x ]] && how=campaign
for one in ${*:-$(targets)}; do
  printf '%s ' "$one"
  if ! $how "${one%:*}" "${one#*:}" >"$log" 2>&1; then
    echo failed
    cat "$log" >&2
    exit 1
  fi
  grep -oE 'elapsed: .*|[0-9]+ inputs of .*' "$log" | tail -n 1
  grep -oE 'ANTEROOM_SEED=[0-9]+' "$log" | sed 's/^/  /' || true
done
