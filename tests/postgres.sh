#!/usr/bin/env bash
# A private PostgreSQL for one run of tests. Prints `ready ADDRESS` once it serves, and serves until its standard
# input ends; then it stops and leaves nothing behind. Takes what is installed; as root it installs Debian's package
# where none is. The server runs as a user who is not root, in a folder of its own, on a socket of its own.
set -euo pipefail

say() { echo "tests/postgres.sh: $*" >&2; }

# The folder of the newest server that is installed.
server() {
  local newest
  newest=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1)
  if [ -n "$newest" ] && [ -x "$newest/initdb" ]; then echo "$newest"; return; fi
  if command -v initdb >/dev/null 2>&1; then dirname "$(command -v initdb)"; fi
}

install() {
  # One at a time: several test programs may start at once.
  exec 9>/tmp/yidi-postgres-install.lock
  flock 9
  if [ -z "$(server)" ]; then
    say "installing Debian's postgresql"
    DEBIAN_FRONTEND=noninteractive apt-get -qq update >&2 &&
      DEBIAN_FRONTEND=noninteractive apt-get -qq -o Dpkg::Use-Pty=0 install -y --no-install-recommends postgresql >&2 </dev/null || true
  fi
  exec 9>&-
}

bin=$(server)
if [ -z "$bin" ] && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
  install
  bin=$(server)
fi
if [ -z "$bin" ]; then
  say "PostgreSQL is not installed and cannot be installed here: install the package postgresql," \
    "or set YIDI_WITHOUT_POSTGRES=1 to leave its tests out"
  exit 3
fi

home=$(mktemp -d "${TMPDIR:-/tmp}/yidi-postgres-XXXXXX")
as=()
if [ "$(id -u)" = 0 ]; then
  user=postgres
  id -u "$user" >/dev/null 2>&1 || user=nobody
  chown "$user" "$home"
  as=(setpriv "--reuid=$user" "--regid=$(id -g "$user")" --clear-groups)
fi
chmod 700 "$home"

stop() {
  trap - EXIT INT TERM HUP
  "${as[@]}" "$bin/pg_ctl" -D "$home/data" -m immediate -w stop >/dev/null 2>&1 || true
  rm -rf "$home"
}
trap stop EXIT INT TERM HUP

cd "$home"
# Sorts by bytes and speaks UTF-8, as yidi asks of a database. Everything else is as a server is delivered, flushes
# included: only fewer connections' worth of memory.
"${as[@]}" "$bin/initdb" -D data -U yidi -A trust -E UTF8 --locale=C --no-sync >log 2>&1 ||
  { say "initdb failed:"; cat log >&2; exit 1; }
"${as[@]}" "$bin/pg_ctl" -D data -w -l "$home/data/server.log" \
  -o "-c listen_addresses='' -c unix_socket_directories='$home' -c shared_buffers=64MB -c max_connections=200" \
  start >/dev/null || { say "the server does not start:"; cat data/server.log >&2; exit 1; }

# The socket's folder belongs to the server's user; who may enter it is everybody who runs the tests here.
chmod 711 "$home"
echo "ready postgresql://yidi@${home//\//%2F}/postgres"
cat >/dev/null || true
