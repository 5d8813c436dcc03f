#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What a cron job of an application does: old files go, a report is written, logs are rotated.
set -e
find /var/cache/app -type f -mmin +1440 -delete
du -sh /var/cache/app >/var/log/housekeeping.log
date +%s | awk '{ print "ran at", $1 }' >>/var/log/housekeeping.log
logrotate -s /var/lib/logrotate.status /etc/logrotate.d/app
echo ran >>/data/ran
