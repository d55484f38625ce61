#!/bin/sh
# Runs pytest with the given arguments on Debian's PostgreSQL, in a cluster of its own for this run: the
# embedded server is newer and has no extensions, and a server of one's own may be this one.
set -eu

bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | tail -n 1)
if [ -z "$bin" ] || [ ! -x "$bin/initdb" ]; then
  echo "Skipped: tests on Debian's PostgreSQL, which is not installed."
  exit 0
fi

directory=$(mktemp -d)
as_server() { "$@"; }
if [ "$(id -u)" = 0 ]; then
  chown postgres "$directory"
  as_server() { runuser -u postgres -- "$@"; }
fi
stop() {
  as_server "$bin/pg_ctl" -D "$directory/cluster" -m immediate stop >/dev/null 2>&1 || true
  rm -rf "$directory"
}
trap stop EXIT
trap 'exit 130' INT TERM

cd /
as_server "$bin/initdb" -D "$directory/cluster" -U postgres --auth=trust --encoding=UTF8 --locale=C.UTF-8 >/dev/null
as_server "$bin/pg_ctl" -w -D "$directory/cluster" -l "$directory/log" \
  -o "-h '' -k $directory -c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_connections=200" start >/dev/null
cd - >/dev/null

echo "On PostgreSQL $("$bin/postgres" --version | cut -d' ' -f3):"
TEST_DATABASE_URL="postgresql://postgres@/postgres?host=$directory" "$@"
