#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# As postgres's official image starts: owns its data, gives up root, makes a cluster with a server that only it can
# reach, then becomes the server.
set -eo pipefail
if [ "$(id -u)" = 0 ]; then
  mkdir -p "$PGDATA" /var/run/postgresql /archive
  chmod 00700 "$PGDATA"
  chmod 03775 /var/run/postgresql
  find "$PGDATA" ! -user postgres -exec chown postgres '{}' +
  chown postgres /var/run/postgresql /archive
  exec setpriv --reuid=postgres --regid=postgres --clear-groups -- "${BASH_SOURCE[0]}" "$@"
fi
if [ ! -s "$PGDATA/PG_VERSION" ]; then
  initdb --username=postgres --pwfile=<(printf '%s\n' "$POSTGRES_PASSWORD") --auth-host=scram-sha-256
  pg_ctl -D "$PGDATA" -o "-c listen_addresses='' -p 5432" -w start
  psql -v ON_ERROR_STOP=1 --username postgres --no-password --no-psqlrc <<<'CREATE DATABASE app;'
  pg_ctl -D "$PGDATA" -m fast -w stop
fi
exec "$@"
