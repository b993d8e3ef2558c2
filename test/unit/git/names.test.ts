import { describe, expect, test } from "vitest";
import { isBranchName, isFilePath, type Protocol, protocolOf } from "../../../src/git/names.ts";

describe("the name of a branch", () => {
	test.each(["main", "release/1.2", "haldane/updates", "a@b", "ü"])("is %s", (name) => {
		expect(isBranchName(name)).toBe(true);
	});

	test.each([
		...["", "-x", "--upload-pack=x", "a b", "a..b", "a~1", "a^", "a:b", "a?", "a*", "a[", "a\\b", "a@{1}", "@", "HEAD"],
		...["/a", "a/", "a//b", "a.", ".a", "a/.b", "a.lock", "a.lock/b", "a\nb", "a\u007f", "x".repeat(251)],
	])("is not %j", (name) => {
		expect(isBranchName(name)).toBe(false);
	});
});

describe("the path of a file", () => {
	test.each(["a.yaml", "apps/cart/values.yaml", "-x", "a b.yaml", ".github/x"])("is %s", (path) => {
		expect(isFilePath(path)).toBe(true);
	});

	test.each([
		...["", "/a", "a/", "a//b", ".", "..", "a/../b", "./a", ".git/config", "a/.GIT/x", ":(top)a", "a\\b", "a\0b"],
		"x".repeat(1_025),
	])("is not %j", (path) => {
		expect(isFilePath(path)).toBe(false);
	});
});

describe("the address of a repository", () => {
	test.each<[string, Protocol | undefined]>([
		["https://git.example/acme/deploy.git", "https"],
		["https://ann@git.example:8443/acme/deploy", "https"],
		["http://git.example/acme/deploy", "http"],
		["ssh://git@git.example:22/acme/deploy", "ssh"],
		["git@git.example:acme/deploy.git", "ssh"],
		["https://[::1]:80/x", "https"],
		["file:///srv/x.git", "file"],
		["https://ann:secret@git.example/x", undefined],
		["https://git.example/x?private_token=secret", undefined],
		["https://ghp_secret@git.example/x", undefined],
		["https://glpat-secret@git.example/x", undefined],
		[`https://${"s".repeat(32)}@git.example/x`, undefined],
		["https://acme-organisation@git.example/x", "https"],
		["https://git.example", undefined],
		["ext::sh -c x", undefined],
		["ext::x", undefined],
		["-oProxyCommand=x@y:z", undefined],
		["ssh://-oProxyCommand=x/y", undefined],
		["git@-oProxyCommand=x:y", undefined],
		["git@git.example:-x", undefined],
		["/srv/x.git", undefined],
		["../x", undefined],
		["git://git.example/x", undefined],
	])("%s: %s", (address, protocol) => {
		expect(protocolOf(address)).toBe(protocol);
	});
});
