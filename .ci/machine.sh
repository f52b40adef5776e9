#!/usr/bin/env bash
# Prints what a measurement was made on.
set -euo pipefail
printf 'machine: %s, %s cores, %s GiB; %s; %s; %s\n' \
  "$(awk -F ': ' '/model name/ {print $2; exit}' /proc/cpuinfo)" "$(nproc)" \
  "$(awk '/MemTotal/ {printf "%.0f", $2/1048576}' /proc/meminfo)" \
  "$(. /etc/os-release && echo "$PRETTY_NAME")" "$(uname -r)" "$(go version | cut -d' ' -f3)"
printf 'date: %s; revision: %s\n' "$(date -u +%F)" "$(git describe --always --dirty 2>/dev/null || echo unknown)"
