#!/bin/sh
# Runs a command in a new network namespace in which every address of 10.77.0.0/16 is local: in-namespace.sh COMMAND…
#
# Pods need addresses of their own, and endpoint addresses may not be loopback ones. The namespace has no way out and is
# gone with its last process. Root enters it directly, anyone else through a user namespace where the kernel allows that.
set -eu

[ $# -gt 0 ] || { echo "usage: in-namespace.sh COMMAND…" >&2; exit 2; }
command -v ip >/dev/null || { echo "ip is missing; run .ci/tools/build-data-plane.sh first" >&2; exit 1; }

as=
[ "$(id -u)" = 0 ] || as=--map-root-user
# shellcheck disable=SC2086
exec unshare --net $as -- sh -euc '
	ip link set lo up
	# An address with this prefix on lo makes the whole range local; a kernel that does not gets the route.
	ip address add 10.77.0.1/16 dev lo
	ip route replace local 10.77.0.0/16 dev lo
	exec "$@"
' in-namespace "$@"
