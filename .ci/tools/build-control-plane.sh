#!/bin/sh
# Puts etcd, kube-apiserver, kube-controller-manager and kubectl in one folder and prints that folder.
#
# What the folder named by KUBEBUILDER_ASSETS has is linked to (setup-envtest brings no controller manager). The rest is
# built with Go from its published module into a cache outside the checkout, keyed by version; a binary that is there
# already is not built again. A build lands by a rename, so a run that was cut short leaves nothing half made. With
# --present it only looks.
set -eu

KUBERNETES=1.34.4
STAGING=0.34.4
ETCD=3.6.8

tools="${HALDANE_TOOLS:-${XDG_CACHE_HOME:-$HOME/.cache}/haldane/tools}"
bin="$tools/control-plane-$KUBERNETES-etcd-$ETCD"
if [ -n "${KUBEBUILDER_ASSETS:-}" ]; then
	[ -x "$KUBEBUILDER_ASSETS/kube-apiserver" ] ||
		{ echo "KUBEBUILDER_ASSETS=$KUBEBUILDER_ASSETS has no kube-apiserver; fill it or unset it" >&2; exit 1; }
	bin="$tools/control-plane-$KUBERNETES-assets-$(printf %s "$KUBEBUILDER_ASSETS" | cksum | cut -d ' ' -f 1)"
fi

missing=
for name in etcd kube-apiserver kube-controller-manager kubectl; do
	[ -x "$bin/$name" ] || missing="$missing $name"
done
[ -z "$missing" ] && { echo "$bin"; exit 0; }
[ "${1:-}" = --present ] && { echo "no control plane:$missing not in $bin" >&2; exit 1; }

mkdir -p "$bin"
work=$(mktemp -d "$tools/building.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM

build() { # module folder, package, name, linker flags
	echo "building $3" >&2
	(cd "$1" && CGO_ENABLED=0 nice -n 10 go build -mod=mod -trimpath -ldflags "$4" -o "$work/$3" "$2") >&2
	mv "$work/$3" "$bin/$3"
}

for name in $missing; do
	if [ -n "${KUBEBUILDER_ASSETS:-}" ] && [ -x "$KUBEBUILDER_ASSETS/$name" ]; then
		ln -sf "$KUBEBUILDER_ASSETS/$name" "$bin/$name"
		continue
	fi
	command -v go >/dev/null || { echo "no Go toolchain to build $name with; install Go 1.26" >&2; exit 1; }
	case $name in
	etcd)
		mkdir -p "$work/etcd-module"
		cat >"$work/etcd-module/go.mod" <<-MOD
			module haldane.dev/tools/etcd
			go 1.24
			require go.etcd.io/etcd/server/v3 v$ETCD
		MOD
		printf 'package tools\n\nimport _ "go.etcd.io/etcd/server/v3"\n' >"$work/etcd-module/tools.go"
		build "$work/etcd-module" go.etcd.io/etcd/server/v3 etcd "-s -w"
		;;
	*)
		module="$work/kubernetes-module"
		if [ ! -f "$module/go.mod" ]; then
			mkdir -p "$module"
			upstream=$(cd "$work" && go mod download -json "k8s.io/kubernetes@v$KUBERNETES" | sed -n 's/^[[:space:]]*"GoMod": "\(.*\)",*$/\1/p')
			{
				echo "module haldane.dev/tools/kubernetes"
				sed -n 's/^go /go /p' "$upstream"
				echo "require k8s.io/kubernetes v$KUBERNETES"
				# Staging modules are required at v0.0.0, which exists only inside the Kubernetes repository.
				awk -v to="v$STAGING" '$1 ~ /^k8s\.io\// && $2 == "v0.0.0" { print "replace " $1 " => " $1 " " to }' "$upstream"
			} >"$module/go.mod"
			{
				printf '//go:build tools\n\npackage tools\n\nimport (\n'
				for main in kube-apiserver kube-controller-manager kubectl; do printf '\t_ "k8s.io/kubernetes/cmd/%s"\n' "$main"; done
				printf ')\n'
			} >"$module/tools.go"
			(cd "$module" && nice -n 10 go mod tidy) >&2
		fi
		version=k8s.io/component-base/version
		build "$module" "k8s.io/kubernetes/cmd/$name" "$name" \
			"-s -w -X $version.gitVersion=v$KUBERNETES -X $version.gitMajor=1 -X $version.gitMinor=34"
		;;
	esac
done
echo "$bin"
