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
  chroot "$root" sh -c 'apt-get -q update && apt-get -q install -y --no-install-recommends adduser ca-certificates curl ffmpeg init-system-helpers nginx openssl poppler-utils tzdata' >/dev/null 2>&1
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
cp bin/player "$scratch/machine/srv/player"
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
ready() { asks /readyz; }
status() { inside grep -E "^$1:" "/proc/$(inside systemctl show -P MainPID anteroom-controller)/status"; }
# The controller as people and players reach it, until TLS is set up.
at=http://127.0.0.1:8080
asks() { inside curl -fsS --cacert /srv/ca.pem "$at$1"; }
sends() { inside curl -fsS -b /srv/jar -c /srv/jar --cacert /srv/ca.pem -H "Origin: $at" "$@"; }
signs_in() { inside curl -fsS -c /srv/jar --cacert /srv/ca.pem -o /dev/null -w '%{http_code}' -H "Origin: $at" --data-urlencode 'password=correct horse battery staple' -d name=ada "$at/sign-in" | grep -qx 303; }
keeps() { # path, what: makes the document
  sends -X PUT -H 'Content-Type: application/json' -H 'If-None-Match: *' -d "$2" "$at/api/v1/$1"
}
settles() { # lines of settings that replace those of before
  inside sh -c 'cp /etc/anteroom/controller.env /srv/env && grep -v "^ANTEROOM" /srv/env >/etc/anteroom/controller.env; printf "%s\n" "$@" >>/etc/anteroom/controller.env' - "$@"
  inside systemctl restart anteroom-controller
}
player_runs() { # lets the player run, with more arguments
  inside sh -c '[ ! -e /srv/pid ] || kill "$(cat /srv/pid)"; nohup setsid /srv/player run --data /srv/playing --stage /bin/false "$@" >/srv/player.log 2>&1 & echo $! >/srv/pid' - "$@"
}
player_says() { inside /srv/player status --data /srv/playing --json; }
linked() { player_says | grep -q '"linked": *true'; }
coded() { code=$(player_says | grep -oE '"code": *"[^"]+"' | cut -d'"' -f4) && [ -n "$code" ]; }
# The init of the container is the child of nspawn.
until_true pgrep -P "$nspawn" >/dev/null
init=$(pgrep -P "$nspawn" | head -n 1)
booted() { inside systemctl is-system-running 2>/dev/null | grep -qE 'running|degraded'; }
until_true booted || { cat "$scratch/boot.log" >&2; exit 1; }

echo 'install'
check 'it installs' inside dpkg -i /srv/old.deb
check 'the service runs and is ready' until_true ready
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
check 'the first administrator is made by the link' test "$(inside curl -sS -c /srv/jar -o /dev/null -w '%{http_code}' -H "Origin: $at" -d "token=$token" -d name=ada --data-urlencode 'password=correct horse battery staple' --data-urlencode 'again=correct horse battery staple' "$at/first")" = 303
inside ffmpeg -loglevel error -f lavfi -i testsrc=size=640x360:rate=25 -f lavfi -i sine -t 3 -pix_fmt yuv420p -c:v libx264 -c:a aac /srv/film.mp4
printf '%%PDF-1.4\n%s\n' '1 0 obj << /Type /Catalog /Pages 2 0 R >> endobj' '2 0 obj << /Type /Pages /Kids [3 0 R] /Count 1 >> endobj' \
  '3 0 obj << /Type /Page /Parent 2 0 R /MediaBox [0 0 320 180] >> endobj' 'trailer << /Size 4 /Root 1 0 R >>' '%EOF' >"$scratch/machine/srv/leaflet.pdf"
converts() { # file: sends it, and waits for what becomes of it
  local id
  id=$(sends -T "/srv/$1" -X POST -H 'Content-Type: application/octet-stream' "$at/api/v1/uploads?name=$1" | grep -oE '"id":"[^"]+"' | head -n 1 | cut -d'"' -f4)
  ended() { sends "$at/api/v1/uploads/$id" | tee "$scratch/upload" | grep -qE '"state":"(ready|refused)"'; }
  until_true ended
  cat "$scratch/upload"
  grep -q '"state":"ready"' "$scratch/upload"
}
check 'a film is converted inside the walls' converts film.mp4
check 'a leaflet is drawn inside the walls' converts leaflet.pdf
inside install -d -o anteroom -g anteroom -m 700 /var/backups/anteroom
check 'it is backed up while it runs' inside runuser -u anteroom -- anteroom-controller backup /var/backups/anteroom --data /var/lib/anteroom
check 'the doctor finds nothing wrong' inside runuser -u anteroom -- anteroom-controller doctor --data /var/lib/anteroom

echo 'upgrade'
inside sh -c 'echo ANTEROOM_LISTEN=127.0.0.1:8081 >>/etc/anteroom/controller.env'
at=http://127.0.0.1:8081
check 'the new version installs over the old' inside dpkg -i /srv/new.deb
check 'it runs with the settings that were made' until_true ready
check 'people sign in as before' signs_in
check 'no other file of settings appeared' test -z "$(inside find /etc/anteroom -name '*dpkg*')"

echo 'a certificate of its own'
inside sh -c 'cd /srv && echo "127.0.0.1 signage.example.org" >>/etc/hosts &&
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 365 -subj "/CN=Lakeside authority" -keyout ca.key -out ca.pem &&
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=signage.example.org -addext subjectAltName=DNS:signage.example.org -keyout signage.key -out signage.csr &&
  openssl x509 -req -in signage.csr -CA ca.pem -CAkey ca.key -days 90 -copy_extensions copy -out signage.pem &&
  install -o root -g anteroom -m 640 signage.key signage.pem /etc/anteroom/' >"$scratch/said" 2>&1 || { cat "$scratch/said" >&2; exit 1; }
at=https://signage.example.org:8443
settles "ANTEROOM_URL=$at" ANTEROOM_LISTEN=127.0.0.1:8443 ANTEROOM_TLS_CERT=/etc/anteroom/signage.pem ANTEROOM_TLS_KEY=/etc/anteroom/signage.key
check 'the service answers over TLS, by a name of the certificate' until_true ready
check 'who does not know the authority does not believe it' sh -c "$(declare -f inside); init=$init; ! inside curl -fsS $at/readyz"
check 'people sign in' signs_in
check 'their cookie is for TLS alone' inside grep -qE '^#HttpOnly_signage.example.org\s+FALSE\s+/\s+TRUE' /srv/jar
check 'a site is made' keeps sites/lakeside '{"id":"lakeside","name":"Lakeside"}'
check 'a department is made' keeps departments/hall '{"id":"hall","site":"lakeside","name":"Hall","zone":"Europe/London","languages":[{"language":"en","twelfths":12}],"fallback":"en"}'
check 'a screen is made' keeps screens/hall '{"id":"hall","department":"hall","name":"In the hall"}'
player_runs --controller "$at"
check 'a player that does not know the authority says what is wrong' until_true sh -c "$(declare -f inside); init=$init; inside /srv/player doctor --data /srv/playing | grep -A 1 certificate"
player_runs --controller "$at" --ca /srv/ca.pem
check 'one that knows it shows a code' until_true coded
check 'it is paired' sends -X POST -H 'Content-Type: application/json' -d "{\"code\":\"$code\",\"screen\":\"hall\"}" "$at/api/v1/pairings/claim"
check 'it is linked' until_true linked

echo 'behind nginx'
inside sh -c 'install -m 644 /srv/signage.pem /etc/ssl/certs/signage.example.org.pem && install -m 600 /srv/signage.key /etc/ssl/private/signage.example.org.key &&
  cp /usr/share/doc/anteroom-controller/examples/nginx.conf /etc/nginx/conf.d/anteroom.conf'
at=https://signage.example.org
settles "ANTEROOM_URL=$at" ANTEROOM_TRUSTED_PROXIES=127.0.0.1
check 'nginx takes the example as it is' inside systemctl restart nginx
check 'the service answers through it' until_true ready
check 'people sign in' signs_in
player_runs --controller "$at" --ca /srv/ca.pem
check 'the player is linked through it' until_true linked
check 'http leads to https' sh -c "$(declare -f inside); init=$init; inside curl -sS -o /dev/null -w '%{redirect_url}' http://signage.example.org/screens | grep -qx $at/screens"
inside sh -c 'kill "$(cat /srv/pid)"'
inside systemctl stop nginx
at=http://127.0.0.1:8081
settles ANTEROOM_LISTEN=127.0.0.1:8081
inside rm /etc/nginx/conf.d/anteroom.conf /etc/anteroom/signage.pem /etc/anteroom/signage.key

echo 'remove'
check 'it is removed' inside dpkg -r anteroom-controller
check 'nothing runs any more' inside sh -c '! ls -l /proc/[0-9]*/exe 2>/dev/null | grep anteroom'
check 'data and settings stay' inside test -s /var/lib/anteroom/controller.key -a -s /etc/anteroom/controller.env
check 'it is installed again' inside dpkg -i /srv/new.deb
check 'it runs with its data' until_true signs_in

echo 'purge'
inside systemctl stop anteroom-controller
inside sh -c 'mv /var/lib/anteroom /srv/anteroom && ln -s /srv/anteroom /var/lib/anteroom'
check 'data behind a link stay' inside sh -c 'dpkg -P anteroom-controller && test -s /srv/anteroom/controller.key'
inside sh -c 'rm /var/lib/anteroom && mv /srv/anteroom /var/lib/anteroom'
check 'it is installed once more' inside dpkg -i /srv/new.deb
check 'it is purged' inside dpkg -P anteroom-controller
check 'nothing of it is left' inside sh -c '! find / -xdev -path /proc -prune -o -path /var/backups -prune -o -path /var/log -prune -o -iname "*anteroom*" -print | grep .'
check 'its user is gone' inside sh -c '! getent passwd anteroom'
