#!/usr/bin/env bash
# Installs, uses, upgrades, removes and purges the package in a Debian of its own, booted with systemd in a container without
# a network, so that the unit's walls are the real ones. Needs root, debootstrap and systemd-nspawn; the Debian is kept in
# ANTEROOM_ROOT (build/root), what happens to it is not.
set -euo pipefail
cd "$(dirname "$0")/.."
root=${ANTEROOM_ROOT:-$PWD/build/root}
for tool in debootstrap systemd-nspawn; do
  command -v "$tool" >/dev/null || { echo "$tool is missing: apt-get install debootstrap systemd-container" >&2; exit 1; }
done
if [ ! -e "$root/.ready" ]; then
  echo "Making a Debian in $root (once)."
  rm -rf "$root"
  debootstrap --variant=minbase --include=systemd,systemd-sysv,dbus bookworm "$root" >/dev/null
  chroot "$root" sh -c 'apt-get -q update && apt-get -q install -y --no-install-recommends adduser ca-certificates curl ffmpeg init-system-helpers tzdata' >/dev/null 2>&1
  touch "$root/.ready"
fi

scratch=$(mktemp -d)
mkdir "$scratch"/{upper,work,machine}
finish() {
  [ -z "${nspawn:-}" ] || { kill "$nspawn" 2>/dev/null || true; wait "$nspawn" 2>/dev/null || true; }
  umount "$scratch/machine" 2>/dev/null || true
  rm -rf "$scratch"
}
trap finish EXIT
mount -t overlay overlay -o "lowerdir=$root,upperdir=$scratch/upper,workdir=$scratch/work" "$scratch/machine"
cp "$(DEB_VERSION=1.0 .ci/deb.sh)" "$scratch/machine/srv/old.deb"
cp "$(DEB_VERSION=1.1 .ci/deb.sh)" "$scratch/machine/srv/new.deb"
rm -f build/anteroom-controller_1.[01]_*.deb
systemd-nspawn --quiet --directory "$scratch/machine" --private-network --register=no --keep-unit --console=pipe --boot >"$scratch/boot.log" 2>&1 &
nspawn=$!

inside() { nsenter --all --target "$init" -- /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/srv DEBIAN_FRONTEND=noninteractive "$@"; }
check() { # sentence, command
  local sentence=$1
  shift
  if ! "$@" >"$scratch/said" 2>&1; then
    echo "WRONG: $sentence" >&2
    cat "$scratch/said" >&2
    inside journalctl --no-pager -n 30 -u anteroom-controller >&2 || true
    exit 1
  fi
  echo "  $sentence"
}
until_true() { for _ in $(seq 100); do "$@" && return 0; sleep 0.3; done; "$@"; }
ready() { inside curl -fsS "http://127.0.0.1:$1/readyz"; }
status() { inside grep -E "^$1:" "/proc/$(inside systemctl show -P MainPID anteroom-controller)/status"; }
sends() { inside curl -fsS -b /srv/jar -c /srv/jar -H 'Origin: http://127.0.0.1:8080' "$@"; }
signs_in() { inside curl -fsS -c /srv/jar -o /dev/null -w '%{http_code}' -H "Origin: http://127.0.0.1:$1" --data-urlencode 'password=correct horse battery staple' -d name=ada "http://127.0.0.1:$1/sign-in" | grep -qx 303; }
# The init of the container is the child of nspawn.
until_true pgrep -P "$nspawn" >/dev/null
init=$(pgrep -P "$nspawn" | head -n 1)
booted() { inside systemctl is-system-running 2>/dev/null | grep -qE 'running|degraded'; }
until_true booted || { cat "$scratch/boot.log" >&2; exit 1; }

echo 'install'
check 'it installs' inside dpkg -i /srv/old.deb
check 'the service runs and is ready' until_true ready 8080
check 'it starts with the machine' inside systemctl is-enabled anteroom-controller
check 'its data belong to it alone' test "$(inside stat -c '%U %a' /var/lib/anteroom)" = 'anteroom 700'
check 'it runs as its own user' test "$(inside stat -c %U "/proc/$(inside systemctl show -P MainPID anteroom-controller)")" = anteroom
check 'it can gain no privileges' sh -c "echo '$(status NoNewPrivs)' | grep -q '1$'"
check 'it has no capabilities' sh -c "echo '$(status CapBnd)' | grep -q '0000000000000000$'"
check 'its system calls are filtered' sh -c "echo '$(status Seccomp)' | grep -q '2$'"
check 'it can write to its data' inside sh -c 'nsenter -t "$(systemctl show -P MainPID anteroom-controller)" -m -- sh -c "touch /var/lib/anteroom/x && rm /var/lib/anteroom/x"'
check 'it sees no home, and cannot write outside its data' inside sh -c 'test -e ~root/.profile && ! nsenter -t "$(systemctl show -P MainPID anteroom-controller)" -m -- sh -c "ls ~root/.profile || touch /usr/here || touch /etc/here"'

echo 'use'
token=$(inside journalctl -u anteroom-controller -o cat | grep -oE 'token=[^ ]+' | head -n 1 | cut -d= -f2)
check 'the first administrator is made by the link' test "$(inside curl -sS -c /srv/jar -o /dev/null -w '%{http_code}' -H 'Origin: http://127.0.0.1:8080' -d "token=$token" -d name=ada --data-urlencode 'password=correct horse battery staple' --data-urlencode 'again=correct horse battery staple' http://127.0.0.1:8080/first)" = 303
inside ffmpeg -loglevel error -f lavfi -i testsrc=size=640x360:rate=25 -f lavfi -i sine -t 3 -pix_fmt yuv420p -c:v libx264 -c:a aac /srv/film.mp4
upload=$(sends -T /srv/film.mp4 -X POST -H 'Content-Type: application/octet-stream' 'http://127.0.0.1:8080/api/v1/uploads?name=film.mp4' | grep -oE '"id":"[^"]+"' | head -n 1 | cut -d'"' -f4)
converted() { sends "http://127.0.0.1:8080/api/v1/uploads/$upload" | grep -qE '"state":"(ready|refused)"'; }
until_true converted || true
check 'a film is converted inside the walls' sh -c "echo '$(sends "http://127.0.0.1:8080/api/v1/uploads/$upload")' | grep -q '\"state\":\"ready\"'"
inside install -d -o anteroom -g anteroom -m 700 /var/backups/anteroom
check 'it is backed up while it runs' inside runuser -u anteroom -- anteroom-controller backup /var/backups/anteroom --data /var/lib/anteroom
check 'the doctor finds nothing wrong' inside runuser -u anteroom -- anteroom-controller doctor --data /var/lib/anteroom

echo 'upgrade'
inside sh -c 'echo ANTEROOM_LISTEN=127.0.0.1:8081 >>/etc/anteroom/controller.env'
check 'the new version installs over the old' inside dpkg -i /srv/new.deb
check 'it runs with the settings that were made' until_true ready 8081
check 'people sign in as before' signs_in 8081
check 'no other file of settings appeared' test -z "$(inside find /etc/anteroom -name '*dpkg*')"

echo 'remove'
check 'it is removed' inside dpkg -r anteroom-controller
check 'nothing runs any more' inside sh -c '! ls -l /proc/[0-9]*/exe 2>/dev/null | grep anteroom'
check 'data and settings stay' inside test -s /var/lib/anteroom/controller.key -a -s /etc/anteroom/controller.env
check 'it is installed again' inside dpkg -i /srv/new.deb
check 'it runs with its data' until_true signs_in 8081

echo 'purge'
inside systemctl stop anteroom-controller
inside sh -c 'mv /var/lib/anteroom /srv/anteroom && ln -s /srv/anteroom /var/lib/anteroom'
check 'data behind a link stay' inside sh -c 'dpkg -P anteroom-controller && test -s /srv/anteroom/controller.key'
inside sh -c 'rm /var/lib/anteroom && mv /srv/anteroom /var/lib/anteroom'
check 'it is installed once more' inside dpkg -i /srv/new.deb
check 'it is purged' inside dpkg -P anteroom-controller
check 'nothing of it is left' inside sh -c '! find / -xdev -path /proc -prune -o -path /var/backups -prune -o -path /var/log -prune -o -iname "*anteroom*" -print | grep .'
check 'its user is gone' inside sh -c '! getent passwd anteroom'
