#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# As redis's official image starts: owns its data, gives up root, becomes the server.
set -e
if [ "$1" = redis-server ] && [ "$(id -u)" = 0 ]; then
  cd /data
  find . ! -user redis -exec chown redis '{}' +
  exec setpriv --reuid=redis --regid=redis --clear-groups -- "$0" "$@"
fi
umask 0077
exec "$@"
