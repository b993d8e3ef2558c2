import { describe, expect, test } from "vitest";
import { parseRegistrySettings, sitesOf } from "../../../../src/updater/image-registry/settings.ts";
import { setting } from "./scripted.ts";

describe("settings of registries", () => {
	test("are read with what is not said filled in", () => {
		const text = `
registries:
  - host: Docker.io
    mirror: harbor.example.com/hub
  - host: registry.example.com:5000
    caFile: /etc/haldane/ca.pem
    plainHttp: true
    insecureSkipVerify: true
    requestsPerSecond: 0.5
    credentialsSecret: registry
`;
		expect(parseRegistrySettings(text)).toEqual({
			ok: true,
			settings: {
				registries: [
					setting("docker.io", { mirror: "harbor.example.com/hub" }),
					setting("registry.example.com:5000", {
						caFile: "/etc/haldane/ca.pem",
						plainHttp: true,
						insecureSkipVerify: true,
						requestsPerSecond: 0.5,
						credentialsSecret: "registry",
					}),
				],
			},
		});
	});

	test("may be empty", () => {
		expect(parseRegistrySettings("")).toEqual({ ok: true, settings: { registries: [] } });
	});

	test.each<[string, string, RegExp]>([
		["what is no YAML", "registries: [", /^registries: is not YAML: /],
		[
			"a host with a scheme",
			"registries: [{ host: 'https://a.example.com' }]",
			/^registries.registries\[0\].host: is not a host such as/,
		],
		["a host with a path", "registries: [{ host: a.example.com/b }]", /is not a host such as/],
		[
			"a mirror with a scheme",
			"registries: [{ host: a.example.com, mirror: 'https://b.example.com' }]",
			/mirror: is not a host, or host and path/,
		],
		["a word that is not known", "registries: [{ host: a.example.com, insecure: true }]", /insecure/],
		[
			"no requests at all",
			"registries: [{ host: a.example.com, requestsPerSecond: 0 }]",
			/requestsPerSecond: 0 is too small/,
		],
		[
			"a host that is there twice by two names",
			"registries: [{ host: docker.io }, { host: index.docker.io }]",
			/'docker.io' is there twice/,
		],
		[
			"text for a truth",
			"registries: [{ host: a.example.com, plainHttp: 'yes' }]",
			/plainHttp: 'yes' is not a boolean/,
		],
		["a list at the top", "[]", /is not an object/],
	])("with %s are refused by name", (_what, text, problem) => {
		const parsed = parseRegistrySettings(text);
		expect(parsed).toEqual({ ok: false, problems: [expect.stringMatching(problem)] });
	});
});

describe("where to ask", () => {
	test("is the registry itself, by https", () => {
		expect(sitesOf("ghcr.io", { registries: [] })).toMatchObject([
			{ host: "ghcr.io", origin: "https://ghcr.io", prefix: "" },
		]);
	});

	test("is the mirror first, each by its own settings", () => {
		const registries = [
			setting("docker.io", { mirror: "Mirror.example.com/hub" }),
			setting("mirror.example.com", { plainHttp: true, mirror: "never.example.com" }),
		];
		expect(sitesOf("docker.io", { registries })).toMatchObject([
			{ host: "mirror.example.com", origin: "http://mirror.example.com", prefix: "hub/" },
			{ host: "docker.io", origin: "https://registry-1.docker.io", prefix: "" },
		]);
	});
});
