#!/usr/bin/env bash
# The npm package as its users get it: packed, installed into an empty folder, and run there.
set -euo pipefail
cd "$(dirname "$0")/../.."
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

fail() {
	echo "the package: $*" >&2
	exit 1
}

version=$(node -p 'require("./package.json").version')
mkdir "$folder/bin" "$folder/home"
# The Node that the rest is tested with, and nothing else of ours.
ln -s "$(npx --no node -- -p process.execPath)" "$folder/bin/node"
npm pack --pack-destination "$folder"

export PATH="$folder/bin:$PATH"
cd "$folder/home"
npm init --yes >/dev/null
npm install --prefer-offline --no-audit --no-fund "$folder/haldane-$version.tgz"
[ "$(ls node_modules)" = haldane ] || fail "brings others with it: $(ls node_modules)"

said=$(npx --no haldane -- --version)
[ "$said" = "$version" ] || fail "says it is $said, and is $version"
definitions=$(npx --no haldane crds)
for name in canaries metrictemplates alertproviders; do
	case $definitions in
	*"name: $name.haldane.dev"*) ;;
	*) fail "prints no definition of $name" ;;
	esac
done
npx --no haldane -- sandbox --demo --act 1 --speed 1 || fail "does not play the demo to its end"
