#!/bin/sh
# Sees to it that Debian's registry of images is there, for the tests that ask one, and prints where. With --present it only looks.
set -eu

registry=/usr/bin/docker-registry
[ -x "$registry" ] && { echo "$registry"; exit 0; }
[ "${1:-}" = --present ] && { echo "no $registry" >&2; exit 1; }
"$(dirname "$0")/apt-install.sh" docker-registry
echo "$registry"
