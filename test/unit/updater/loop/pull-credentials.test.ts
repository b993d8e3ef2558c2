import { describe, expect, test } from "vitest";
import { pullCredentials } from "../../../../src/updater/loop/pull-credentials.ts";
import { workloadOf } from "../manifests.ts";

const config = (host: string) => ({
	".dockerconfigjson": JSON.stringify({ auths: { [host]: { username: "ada", password: "secret-word" } } }),
});

/** Secrets of the namespace and the ones that its ServiceAccount names; counts what is read. */
function bench(secrets: Record<string, Record<string, string>>, ofAccount: readonly string[] = []) {
	const world = { now: 0, version: "1" as string | undefined, read: [] as string[] };
	const credentials = pullCredentials({
		readSecret: async ({ name }) => {
			world.read.push(name);
			if (name === "forbidden") throw new Error("may not be read");
			return secrets[name];
		},
		secretVersion: () => world.version,
		serviceAccount: async (ref) => ({
			apiVersion: "v1",
			kind: "ServiceAccount",
			metadata: { ...ref },
			imagePullSecrets: ofAccount.map((name) => ({ name })),
		}),
		now: () => world.now,
	});
	const of = async (own: readonly string[], names: readonly string[] = []) => {
		const workload = workloadOf({ pod: { imagePullSecrets: own.map((name) => ({ name })) } });
		const { credentials: found, problems } = await credentials(workload, names, new AbortController().signal);
		return { scopes: found.map(({ scope }) => scope), problems };
	};
	return { world, of };
}

describe("what a workload's images are looked up with", () => {
	const secrets = { own: config("ghcr.io"), account: config("quay.io"), more: config("gcr.io"), odd: { word: "x" } };

	test.each<[string, readonly string[], readonly string[], readonly string[]]>([
		["is of the account's secrets where the pod has none", [], [], ["quay.io"]],
		["is of the pod's own, which take the account's place", ["own"], [], ["ghcr.io"]],
		["is of what the policy names too, first", ["own"], ["more"], ["gcr.io", "ghcr.io"]],
		["names nothing twice", ["own"], ["own"], ["ghcr.io"]],
	])("%s", async (_name, own, names, scopes) => {
		expect(await bench(secrets, ["account"]).of(own, names)).toEqual({ scopes, problems: [] });
	});

	test.each([
		["missing", "Secret shop/missing: there is no such Secret"],
		["odd", "Secret shop/odd: has neither .dockerconfigjson nor .dockercfg, so it is no pull secret"],
		["forbidden", "Secret shop/forbidden: could not be read: may not be read"],
	])("is a problem by name, and the rest is used: %s", async (name, problem) => {
		expect(await bench(secrets).of(["own", name])).toEqual({ scopes: ["ghcr.io"], problems: [problem] });
	});

	test("is read once a version, and each ten minutes where no watch tells versions", async () => {
		const { world, of } = bench(secrets);
		await of(["own"]);
		world.now = 3_600_000;
		await of(["own"]);
		expect(world.read).toHaveLength(1);
		world.version = "2";
		await of(["own"]);
		expect(world.read).toHaveLength(2);
		world.version = undefined;
		await of(["own"]);
		world.now += 599_999;
		await of(["own"]);
		expect(world.read).toHaveLength(3);
		world.now += 1;
		await of(["own"]);
		expect(world.read).toHaveLength(4);
	});
});
