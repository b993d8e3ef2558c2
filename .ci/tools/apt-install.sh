#!/bin/sh
# Installs Debian packages: apt-install.sh PACKAGE…
set -eu

[ "$(id -u)" = 0 ] || { echo "$* missing and only root can install: apt-get install $*" >&2; exit 1; }
# Debian starts a service as it installs it; exit code 101 forbids that for the length of this call.
policy=/usr/sbin/policy-rc.d
ours=
[ -e "$policy" ] || { printf '#!/bin/sh\nexit 101\n' >"$policy"; chmod +x "$policy"; ours=yes; }
done=0
{ apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@"; } >&2 || done=$?
[ -z "$ours" ] || rm -f "$policy"
exit "$done"
