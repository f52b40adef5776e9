#!/usr/bin/env bash
# Packs bin/controller and what belongs to it into build/anteroom-controller_VERSION_ARCH.deb, with dpkg-deb alone.
# DEB_VERSION names another version than the repository's.
set -euo pipefail
cd "$(dirname "$0")/.."

version=${DEB_VERSION:-$(git describe --tags --match 'v[0-9]*' --dirty 2>/dev/null | sed 's/^v//; s/-/+/; s/-/./g' || true)}
[ -n "$version" ] || version="0~$(git rev-list --count HEAD).g$(git rev-parse --short=12 HEAD)"
arch=$(dpkg --print-architecture)
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
# Times in the package are the commit's, so that the same sources give the same package.
SOURCE_DATE_EPOCH=$(git log -1 --format=%ct)
export SOURCE_DATE_EPOCH

put() { install -D -m "$1" "$2" "$root/$3"; }
doc=usr/share/doc/anteroom-controller
put 755 bin/controller usr/bin/anteroom-controller
put 644 deploy/anteroom-controller.service lib/systemd/system/anteroom-controller.service
put 640 deploy/controller.env etc/anteroom/controller.env
for page in operators-guide operations security-privacy methodology; do put 644 "docs/$page.md" "$doc/$page.md"; done
for example in nginx.conf Caddyfile; do put 644 "deploy/$example" "$doc/examples/$example"; done
put 644 deploy/debian/copyright "$doc/copyright"
put 644 build/sbom.json "$doc/sbom.json"
mkdir -p "$root/DEBIAN"
for script in postinst prerm postrm; do put 755 "deploy/debian/$script" "DEBIAN/$script"; done
echo /etc/anteroom/controller.env >"$root/DEBIAN/conffiles"
cat >"$root/DEBIAN/control" <<CONTROL
Package: anteroom-controller
Version: $version
Architecture: $arch
Maintainer: Anteroom maintainers <maintainers@anteroom.invalid>
Installed-Size: $(du -k -s --apparent-size "$root" | cut -f1)
Depends: adduser, ca-certificates, ffmpeg, init-system-helpers (>= 1.54), poppler-utils, tzdata
Section: web
Priority: optional
Description: digital signage for waiting rooms, the controller
 Schedules what the screens of a hospital's waiting rooms show, publishes it to
 their players, and counts every play exactly once.
CONTROL
find "$root" -type d -exec chmod 755 {} +
mkdir -p build
deb="build/anteroom-controller_${version}_$arch.deb"
dpkg-deb --root-owner-group -Zgzip --build "$root" "$deb" >/dev/null
echo "$deb"
