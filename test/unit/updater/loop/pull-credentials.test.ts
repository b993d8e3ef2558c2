import { describe, expect, test } from "vitest";
import type { KubeObject } from "../../../../src/domain/kube-object.ts";
import { parseRegistrySettings } from "../../../../src/updater/image-registry/settings.ts";
import { type CredentialPorts, pullCredentials } from "../../../../src/updater/loop/pull-credentials.ts";

const signal = new AbortController().signal;
const config = (...hosts: readonly string[]) => ({
	".dockerconfigjson": JSON.stringify({
		auths: Object.fromEntries(hosts.map((host) => [host, { auth: Buffer.from(`ada:of-${host}`).toString("base64") }])),
	}),
});
const settingsOf = (text: string) => {
	const parsed = parseRegistrySettings(text);
	if (!parsed.ok) throw new Error(parsed.problems.join());
	return parsed.settings;
};
const workload = (spec: object = {}): KubeObject =>
	({
		apiVersion: "apps/v1",
		kind: "Deployment",
		metadata: { name: "app", namespace: "shop" },
		spec: { template: { spec } },
	}) as KubeObject;

/** A cluster of these Secrets, with what was read of it. */
function world(secrets: Readonly<Record<string, Record<string, string>>>, change: Partial<CredentialPorts> = {}) {
	const read: string[] = [];
	const versions = new Map<string, string>();
	const credentials = pullCredentials({
		readSecret: async ({ namespace, name }) => {
			read.push(`${namespace}/${name}`);
			return secrets[`${namespace}/${name}`];
		},
		secretVersion: ({ namespace, name }) => versions.get(`${namespace}/${name}`),
		serviceAccount: async () => undefined,
		registries: { registries: [] },
		ownNamespace: "haldane-system",
		configured: async () => ({ credentials: [], problems: [] }),
		now: () => 0,
		...change,
	});
	const ask = (images: readonly string[], pullSecrets: readonly string[] = [], spec: object = {}) =>
		credentials({ workload: workload(spec), pullSecrets, images }, signal);
	return { ask, read, versions };
}

describe("credentials", () => {
	test("of the pod take the place of its account's, beside those that are named", async () => {
		const account = { imagePullSecrets: [{ name: "account" }] } as unknown as KubeObject;
		const secrets = { "shop/account": config("a.io"), "shop/pod": config("b.io"), "shop/named": config("c.io") };
		const { ask } = world(secrets, { serviceAccount: async () => account });
		const origins = async (spec: object) =>
			(await ask([], ["named"], spec)).credentials.map(({ scope, origin }) => `${scope} of ${origin}`);
		expect(await origins({})).toEqual(["c.io of Secret shop/named", "a.io of Secret shop/account"]);
		expect(await origins({ imagePullSecrets: [{ name: "pod" }] })).toEqual([
			"c.io of Secret shop/named",
			"b.io of Secret shop/pod",
		]);
	});

	test("of the registry's settings are for repositories that the workload has none for, and for no others", async () => {
		const registries = settingsOf("registries: [{host: ghcr.io, credentialsSecret: ghcr}]");
		const secrets = { "haldane-system/ghcr": config("ghcr.io"), "shop/pod": config("ghcr.io/acme") };
		const { ask, read } = world(secrets, { registries });
		const pod = { imagePullSecrets: [{ name: "pod" }] };
		const seen = await ask(["ghcr.io/acme/app:1", "ghcr.io/other/proxy:1"], [], pod);
		expect(seen.credentials.map(({ scope, origin }) => [scope, origin])).toEqual([
			["ghcr.io/acme", "Secret shop/pod"],
			["ghcr.io/other/proxy", "Secret haldane-system/ghcr"],
		]);
		expect((await ask(["ghcr.io/acme/app:1"], [], pod)).credentials.length).toBe(1);
		expect(read).toEqual(["shop/pod", "haldane-system/ghcr"]);
	});

	test("of the mirror's settings are for the mirror", async () => {
		const text =
			"registries: [{host: docker.io, mirror: harbor.example.com/hub}, {host: harbor.example.com, credentialsSecret: harbor}]";
		const { ask } = world({ "haldane-system/harbor": config("harbor.example.com") }, { registries: settingsOf(text) });
		expect((await ask(["nginx:1"])).credentials).toMatchObject([{ scope: "harbor.example.com/hub/library/nginx" }]);
	});

	test("that the operator was given come last, and only for what is asked", async () => {
		const asked: string[] = [];
		const configured: CredentialPorts["configured"] = async ({ registry, repository }) => {
			asked.push(`${registry}/${repository}`);
			const found = { scope: registry, username: "ada", password: "secret", origin: "the docker configuration" };
			return { credentials: [found], problems: [] };
		};
		const registries = settingsOf("registries: [{host: ghcr.io, credentialsSecret: ghcr}]");
		const { ask } = world({ "haldane-system/ghcr": config("ghcr.io") }, { registries, configured });
		const { credentials } = await ask(["ghcr.io/acme/app:1", "quay.io/acme/app:1"]);
		expect(asked).toEqual(["quay.io/acme/app"]);
		expect(credentials.map(({ scope }) => scope)).toEqual(["ghcr.io/acme/app", "quay.io/acme/app"]);
	});

	test("are read anew when their Secret changes", async () => {
		const { ask, read, versions } = world({ "shop/named": config("a.io") });
		versions.set("shop/named", "1");
		await ask([], ["named"]);
		await ask([], ["named"]);
		expect(read.length).toBe(1);
		versions.set("shop/named", "2");
		await ask([], ["named"]);
		expect(read.length).toBe(2);
	});

	test("that cannot be had are said, by name and once", async () => {
		const registries = settingsOf("registries: [{host: ghcr.io, credentialsSecret: ghcr}]");
		const { ask } = world({ "shop/other": { password: "open-sesame" } }, { registries });
		const { problems } = await ask(["ghcr.io/a/b:1", "ghcr.io/a/c:1"], ["none", "other"]);
		expect(problems).toEqual([
			"Secret shop/none: there is no such Secret",
			"Secret shop/other: has neither .dockerconfigjson nor .dockercfg, so it is no pull secret",
			"Secret haldane-system/ghcr: there is no such Secret",
		]);
	});
});
