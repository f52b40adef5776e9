#!/usr/bin/env bash
# Fetches the fonts that slides are drawn with: pinned packages, each known by the SHA-256 of its tarball. Leaves TrueType
# files in build/fonts, named in order of preference, and a copy in controller/fonts/files for the controller to embed.
set -euo pipefail
cd "$(dirname "$0")/.."

# package@version, SHA-256, then pairs of a file in the package and its name here.
fetch() {
  local package=$1 sum=$2 tarball
  shift 2
  tarball=$(cd "$scratch" && npm pack --silent "$package" 2>"$scratch/npm.log" | tail -n 1) || {
    cat "$scratch/npm.log" >&2
    echo "Could not fetch $package. Check the network and npm's registry setting, then run make fonts again." >&2
    exit 1
  }
  echo "$sum  $scratch/$tarball" | sha256sum --check --status || {
    echo "$package is not the package that was pinned: its SHA-256 is $(sha256sum <"$scratch/$tarball" | cut -c1-64)." >&2
    exit 1
  }
  while [ $# -gt 0 ]; do
    tar -xzOf "$scratch/$tarball" "package/$1" >"$scratch/fonts/$2"
    shift 2
  done
}

# The list below is what the stamp speaks for: change it and everything is fetched anew.
stamp=$(sha256sum <"$0" | cut -c1-64)
if [ "$(cat build/fonts/.stamp 2>/dev/null)" != "$stamp" ]; then
  command -v npm >/dev/null || { echo "npm is missing. Run make setup first." >&2; exit 1; }
  scratch=$(mktemp -d)
  trap 'rm -rf "$scratch"' EXIT
  mkdir "$scratch/fonts"
  echo "Fetching fonts (66 MB, once)."
  fetch @expo-google-fonts/noto-sans@0.4.2 98cf14a19b8e67a0e76bfd4d5df98937b9734e6dde570bd750f2259042042548 \
    400Regular/NotoSans_400Regular.ttf 1-NotoSans-Regular.ttf \
    700Bold/NotoSans_700Bold.ttf 2-NotoSans-Bold.ttf
  fetch @expo-google-fonts/ibm-plex-sans-arabic@0.4.2 5ed540bd741bef113de95201a3ecdccdd2cf8d128dff2d0a7fb4864366b5e65f \
    400Regular/IBMPlexSansArabic_400Regular.ttf 3-IBMPlexSansArabic-Regular.ttf \
    700Bold/IBMPlexSansArabic_700Bold.ttf 4-IBMPlexSansArabic-Bold.ttf
  fetch @expo-google-fonts/noto-sans-sc@0.4.3 0d69d0f4971d2ff574e3d93cbc218dc950bf3f3f8f8e2c008d97687ed53aee59 \
    400Regular/NotoSansSC_400Regular.ttf 5-NotoSansSC-Regular.ttf
  mkdir -p build
  rm -rf build/fonts
  cp -r "$scratch/fonts" build/fonts
  echo "$stamp" >build/fonts/.stamp
fi
mkdir -p controller/fonts/files
cmp -s build/fonts/.stamp controller/fonts/files/.stamp || {
  rm -f controller/fonts/files/*.ttf
  cp build/fonts/*.ttf build/fonts/.stamp controller/fonts/files/
}
