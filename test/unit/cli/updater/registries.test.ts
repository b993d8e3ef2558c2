import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { rootCertificates } from "node:tls";
import { afterAll, expect, test } from "vitest";
import { registrySettings } from "../../../../src/cli/updater/registries.ts";

const folder = mkdtempSync(join(tmpdir(), "haldane-registries-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const written = (name: string, text: string): string => {
	const path = join(folder, name);
	writeFileSync(path, text);
	return path;
};
const settingsWith = (caFile: string) =>
	written("registries.yaml", JSON.stringify({ registries: [{ host: "registry.example.com", caFile }] }));
const [one = "", two = ""] = rootCertificates;

test("without a file there are no settings", () => {
	expect(registrySettings(undefined)).toEqual({ registries: [] });
});

test("the certificates of a caFile are read, and nothing else of it", () => {
	const ca = written(
		"ca.pem",
		`of ours\n${one}\n-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n${two}\n`,
	);
	const [setting] = registrySettings(settingsWith(ca)).registries;
	expect(setting?.ca).toBe(`${one.trim()}\n${two.trim()}`);
});

test.each<[string, string, string]>([
	["that is none", "hello", "holds no certificate in PEM"],
	["that is broken", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "certificate 1 cannot be read"],
])("a caFile %s is refused with its host and its name", (_what, text, why) => {
	const ca = written("broken.pem", text);
	expect(() => registrySettings(settingsWith(ca))).toThrow(/registry registry\.example\.com: caFile .*broken\.pem/);
	expect(() => registrySettings(settingsWith(ca))).toThrow(why);
});

test("files that are missing are named", () => {
	expect(() => registrySettings(join(folder, "none.yaml"))).toThrow(/--registries: .*none\.yaml cannot be read/);
	expect(() => registrySettings(settingsWith(join(folder, "none.pem")))).toThrow(/caFile .*none\.pem cannot be read/);
});

test("settings that cannot be read say where", () => {
	const file = written("odd.yaml", "registries: [{host: 'http://a'}]");
	expect(() => registrySettings(file)).toThrow(/odd\.yaml: registries\.registries\[0\]\.host/);
});
