#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# As nginx's official image starts: every script of a folder, then the server in this process's place.
set -e
if [ "$1" = nginx ]; then
  find /docker-entrypoint.d/ -follow -type f -name '*.sh' -print | sort -V | while read -r script; do
    echo "entry point: launching $script"
    "$script"
  done
fi
exec "$@"
