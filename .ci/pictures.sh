#!/usr/bin/env bash
# Takes docs/anteroom.png: the console's first page, and one of the demo's screens as it is drawn; and docs/pictures for the guides.
set -euo pipefail
cd "$(dirname "$0")/.."
scratch=$(mktemp -d)
bin/demo --listen 127.0.0.1:18377 >"$scratch/demo.txt" &
demo=$!
printf 'a lamp above the door\n' | bin/controller user add ada --data "$scratch/controller" --role administrator >/dev/null
bin/controller serve --data "$scratch/controller" --listen 127.0.0.1:18378 --metrics '' --url http://127.0.0.1:18378 \
  --oidc-issuer https://login.example.org --oidc-client-id anteroom --oidc-name "St Mary's account" >"$scratch/controller.txt" 2>&1 &
controller=$!
trap 'kill "$demo" "$controller" 2>/dev/null; wait "$demo" "$controller" || true; rm -rf "$scratch"' EXIT
for _ in $(seq 120); do # until the clips are in, and every screen has played for a while
  sleep 1
  grep -q 'Ctrl-C' "$scratch/demo.txt" && waited=$((${waited:-0} + 1))
  [ "${waited:-0}" -lt 75 ] || break
done
say() { sed -n "s/.*$1  *\(.*\)/\1/p" "$scratch/demo.txt"; }
user=$(say 'Sign in' | cut -d, -f1)
password=$(say 'password' | head -n 1)
[ ! -x build/node/bin/node ] || export PATH="$PWD/build/node/bin:$PATH"
export ANTEROOM_URL ANTEROOM_USER=$user ANTEROOM_PASSWORD=$password
ANTEROOM_URL=$(say Open)
export ANTEROOM_BY_PROVIDER=http://127.0.0.1:18378
PICTURE=$scratch/console.png node controller/console/web/tests/picture.mjs
mkdir -p "$scratch/guides" docs/pictures
GUIDES=$scratch/guides node controller/console/web/tests/guides.mjs
for picture in "$scratch"/guides/*.png; do
  convert "$picture" +dither -colors 200 "PNG8:docs/pictures/$(basename "$picture")"
done
import -display "$(say 'virtual display' | tail -n 1)" -window root "$scratch/screen.png"
convert "$scratch/console.png" -resize x620 "$scratch/left.png"
convert "$scratch/screen.png" -bordercolor '#20262b' -border 10 "$scratch/right.png"
convert -background '#dfe5e6' -gravity center "$scratch/left.png" "$scratch/right.png" -bordercolor '#dfe5e6' -border 16x16 +append \
  -colors 250 PNG8:docs/anteroom.png
