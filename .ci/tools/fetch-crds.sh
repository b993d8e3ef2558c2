#!/bin/sh
# Lays out the CRDs of Gateway API, SMI and Contour in one folder and prints that folder.
#
# They come out of the Go modules that ship them, so nothing of theirs is committed here: gateway-api/standard,
# gateway-api/experimental, smi and contour, each a folder of YAML files. With --present it only looks.
set -eu

GATEWAY_API=1.6.1
SMI=0.5.0
CONTOUR=1.33.8

tools="${HALDANE_TOOLS:-${XDG_CACHE_HOME:-$HOME/.cache}/haldane/tools}"
crds="$tools/crds-gateway-$GATEWAY_API-smi-$SMI-contour-$CONTOUR"
[ -d "$crds" ] && { echo "$crds"; exit 0; }
[ "${1:-}" = --present ] && { echo "no CRDs in $crds" >&2; exit 1; }
command -v go >/dev/null || { echo "no Go toolchain to download CRDs with; install Go 1.26" >&2; exit 1; }

mkdir -p "$tools"
work=$(mktemp -d "$tools/fetching.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM

module() { (cd "$work" && go mod download -json "$1" | sed -n 's/^[[:space:]]*"Dir": "\(.*\)",*$/\1/p'); }
lay() { # folder to fill, files
	mkdir -p "$work/crds/$1"
	to="$work/crds/$1"
	shift
	cp "$@" "$to/"
}

gateway=$(module "sigs.k8s.io/gateway-api@v$GATEWAY_API")
smi=$(module "github.com/servicemeshinterface/smi-sdk-go@v$SMI")
contour=$(module "github.com/projectcontour/contour@v$CONTOUR")
lay gateway-api/standard "$gateway"/config/crd/standard/gateway*.yaml
lay gateway-api/experimental "$gateway"/config/crd/experimental/gateway*.yaml
lay smi "$smi"/crds/split.yaml
lay contour "$contour"/examples/contour/01-crds.yaml
chmod -R u+w "$work/crds"

# Two runs at once may both come this far; the second finds the folder there and leaves it.
mv -T "$work/crds" "$crds" 2>/dev/null || [ -d "$crds" ]
echo "$crds"
