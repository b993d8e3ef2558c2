import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { registrySettings } from "../../../../src/cli/updater/registries.ts";

const PEM = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";

describe("settings of registries", () => {
	let folder = "";
	beforeEach(() => {
		folder = mkdtempSync(join(tmpdir(), "registries-"));
	});
	afterEach(() => rmSync(folder, { recursive: true }));
	const write = (name: string, text: string) => {
		const path = join(folder, name);
		writeFileSync(path, text);
		return path;
	};

	test("are none without a file", () => {
		expect(registrySettings(undefined)).toEqual({ registries: [] });
	});

	test("come with the certificates that lie beside them", () => {
		write("ca.pem", PEM);
		const file = write("registries.yaml", "registries: [{host: registry.example, caFile: ca.pem}, {host: ghcr.io}]");
		expect(registrySettings(file).registries).toMatchObject([
			{ host: "registry.example", ca: PEM },
			{ host: "ghcr.io" },
		]);
	});

	test.each([
		["that are malformed", "registries: [{host: 'http://x'}]", "is not a host"],
		[
			"with certificates that are not there",
			"registries: [{host: a.example, caFile: no.pem}]",
			"caFile cannot be read",
		],
		[
			"with certificates that are none",
			"registries: [{host: a.example, caFile: registries.yaml}]",
			"no certificate in PEM",
		],
		["with what has no effect", "registries: [{host: a.example, credentialsSecret: s}]", "imagePullSecrets"],
	])("%s are refused by what is wrong", (_what, text, words) => {
		const file = write("registries.yaml", text);
		expect(() => registrySettings(file)).toThrow(words);
	});

	test("are refused when they are no settings but something huge", () => {
		const file = write("registries.yaml", "a".repeat(2_000_000));
		expect(() => registrySettings(file)).toThrow("is longer than 1048576 bytes");
	});
});
