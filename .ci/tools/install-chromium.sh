#!/bin/sh
# Sees to it that Chromium is there, for the tests of the dashboard, and prints where. With --present it only looks.
set -eu

chromium=/usr/bin/chromium
[ -x "$chromium" ] && { echo "$chromium"; exit 0; }
[ "${1:-}" = --present ] && { echo "no $chromium" >&2; exit 1; }
"$(dirname "$0")/apt-install.sh" chromium
echo "$chromium"
