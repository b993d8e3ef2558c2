import { describe, expect, test } from "vitest";
import { explain } from "../../../../src/cli/updater/commands/explain/explain.ts";
import { explanationText } from "../../../../src/cli/updater/commands/explain/text.ts";
import type { KubeObject } from "../../../../src/domain/kube-object.ts";
import type { RegistryClient, TagFacts } from "../../../../src/updater/image-registry/image-registry.ts";
import { type ApiOptions, apiOf, approval, awaiting, deployment, digestOf, hindered, NOW, policy } from "./cluster.ts";

const HOUR_MS = 3_600_000;
const cart = deployment("ghcr.io/acme/cart:1.2.0");
const facts = (letter: string, ageMs = 100 * HOUR_MS, platforms = ["linux/amd64"]): TagFacts => ({
	digest: digestOf(letter),
	createdAt: NOW - ageMs,
	platforms,
});
const node: KubeObject = {
	apiVersion: "v1",
	kind: "Node",
	metadata: { name: "one" },
	status: { nodeInfo: { operatingSystem: "linux", architecture: "arm64" } },
};

/** A registry of one repository. */
function registryOf(tags: Readonly<Record<string, TagFacts>>): RegistryClient & { readonly asked: string[] } {
	const asked: string[] = [];
	return {
		asked,
		async tags({ registry, repository }) {
			asked.push(`tags ${registry}/${repository}`);
			return { kind: "found", value: Object.keys(tags) };
		},
		async digest(_repository, tag) {
			asked.push(`digest ${tag}`);
			const known = tags[tag];
			return known === undefined ? { kind: "missing", detail: "404" } : { kind: "found", value: known.digest };
		},
		async facts(_repository, tag) {
			asked.push(`facts ${tag}`);
			const known = tags[tag];
			return known === undefined ? { kind: "missing", detail: "404" } : { kind: "found", value: known };
		},
	};
}

async function explained(
	objects: readonly KubeObject[],
	{ tags = "ask", registry = registryOf({}), container, ...options }: Asked = {},
) {
	const { client } = apiOf(objects, options);
	const timers = { now: () => NOW, after: () => () => {} };
	const ports = { client, registry, timers, namespace: "shop", signal: new AbortController().signal };
	const asked = { workload: { kind: "Deployment", name: "cart" }, container, tags } as const;
	const explanation = await explain(ports, asked);
	return { ...explanation, image: explanation.images[0], text: explanationText(explanation, tags) };
}

interface Asked extends ApiOptions {
	readonly tags?: "ask" | "none" | readonly string[];
	readonly registry?: RegistryClient;
	readonly container?: string;
}

describe("what is shown", () => {
	test("is what people said, and not what the operator keeps beside it", async () => {
		const own = {
			"haldane.dev/image-record": "[]",
			"haldane.dev/image-notices": "[]",
			"haldane.dev/command": "forget:1.0.0@1",
		};
		const asking = deployment("ghcr.io/acme/cart:1.2.0", { "haldane.dev/policy": "minor", ...own });
		const { said } = await explained([asking], { tags: "none" });
		expect(said).toEqual([{ key: "haldane.dev/policy", value: "minor" }]);
	});

	test("has a note of what the operator says stands in the way", async () => {
		const stuck = hindered(awaiting(1), "WriteProblem", "denied by a policy");
		const { notes, text } = await explained([cart, stuck], { tags: "none" });
		expect(notes).toContain("the operator says: denied by a policy");
		expect(text).toContain("the operator says: denied by a policy");
	});
});

describe("what is chosen", () => {
	test("is asked of the registry, with each tag that was passed over and why", async () => {
		const registry = registryOf({
			"1.2.0": facts("a"),
			"1.3.0": facts("b"),
			"1.4.0": facts("c", HOUR_MS),
			"2.0.0": facts("d"),
		});
		const spec = { images: [{ containers: ["app"], policy: { type: "minor" }, minimumAge: "24h" }] };
		const { image, text } = await explained([cart, policy(spec)], { registry });
		expect(image?.choice).toMatchObject({ kind: "update", tag: "1.3.0", digest: digestOf("b") });
		expect(image?.heldBy).toBeUndefined();
		expect(registry.asked[0]).toBe("tags ghcr.io/acme/cart");
		expect(text).toMatch(/1\.4\.0 +\S.*24h/);
		expect(text).toMatch(/2\.0\.0 +\S/);
		expect(text).toContain("Asked by  ImagePolicy cart");
		expect(text).toMatch(/Held by +nothing: it is written at once/);
	});

	test("minds what the cluster's nodes run on", async () => {
		const registry = registryOf({ "1.3.0": facts("b") });
		const { image } = await explained([cart, policy({}), node], { registry });
		expect(image?.choice).toMatchObject({ kind: "keep", why: "1.3.0 is not for linux/arm64" });
	});

	test("is said without the nodes to whoever may not see them", async () => {
		const registry = registryOf({ "1.3.0": facts("b") });
		const { image, notes } = await explained([cart, policy({}), node], { registry, forbidden: ["list Node"] });
		expect(image?.choice).toMatchObject({ kind: "update", tag: "1.3.0" });
		expect(notes.join()).toContain("the platforms of the nodes are not asked for");
	});

	test("looks at one tag alone where the rule does", async () => {
		const registry = registryOf({ "1.2.0": facts("b") });
		const spec = { images: [{ containers: ["app"], policy: { type: "digest" } }] };
		await explained([cart, policy(spec)], { registry });
		expect(registry.asked).not.toContain("tags ghcr.io/acme/cart");
	});

	test("is not known when the registry cannot be asked, and why is said", async () => {
		const down: RegistryClient = {
			...registryOf({}),
			tags: async () => ({ kind: "refused", detail: "GET ghcr.io: 401" }),
		};
		const { image } = await explained([cart, policy({})], { registry: down });
		expect(image?.choice).toEqual({ kind: "unknown", why: "GET ghcr.io: 401" });
	});

	test("passes over what failed, and shows it", async () => {
		const failed = [{ tag: "1.3.0", digest: digestOf("b"), at: "2025-12-31T00:00:00.000Z", why: "too slow" }];
		const remembering = policy({}, { images: [{ container: "app", role: "container", failed }] });
		const registry = registryOf({ "1.2.1": facts("a"), "1.3.0": facts("b") });
		const { image, text } = await explained([cart, remembering], { registry });
		expect(image?.choice).toMatchObject({ kind: "update", tag: "1.2.1" });
		expect(text).toMatch(/Failed +1\.3\.0 at 2025-12-31T00:00:00\.000Z: too slow/);
		const byName = await explained([cart, remembering], { tags: ["1.2.1", "1.3.0"] });
		expect(byName.image?.choice).toMatchObject({ kind: "update", tag: "1.2.1" });
	});
});

describe("tags that are given", () => {
	test("are chosen among by their names, without dates and platforms, and without a registry", async () => {
		const registry = registryOf({});
		const spec = {
			images: [{ containers: ["app"], policy: { type: "minor" }, minimumAge: "24h", platforms: ["linux/s390x"] }],
		};
		const { image, text } = await explained([cart, policy(spec), node], { registry, tags: ["1.3.0", "1.2.0"] });
		expect(image?.choice).toMatchObject({ kind: "update", tag: "1.3.0" });
		expect(registry.asked).toEqual([]);
		expect(text).toMatch(/Chosen +1\.3\.0: minor chooses 1\.3\.0 after 1\.2\.0/);
		expect(text).toContain("platforms were not asked for");
	});

	test("that are none leave what is recorded", async () => {
		const registry = registryOf({});
		const { image, text } = await explained([cart, awaiting(2)], { registry, tags: "none" });
		expect(image?.choice.kind).toBe("unknown");
		expect(registry.asked).toEqual([]);
		expect(text).toMatch(/Recorded +1\.3\.0 is AwaitingApproval since/);
	});
});

describe("what holds the choice", () => {
	const tags = ["1.2.0", "1.3.0"];
	const running = {
		apiVersion: "haldane.dev/v1beta1",
		kind: "Canary",
		metadata: { namespace: "shop", name: "cart" },
		spec: { targetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "cart" } },
		status: { phase: "Progressing", run: {} },
	};
	test.each<[string, readonly KubeObject[], object | undefined]>([
		["nothing", [policy({})], undefined],
		[
			"the people who were asked",
			[awaiting(2), approval("ada", "approve")],
			{ state: "AwaitingApproval", why: "1 of 2 approvals (ada)", until: "2026-01-01T13:00:00.000Z" },
		],
		["whoever rejected it", [awaiting(2), approval("bob", "reject")], { state: "Rejected", why: "bob rejected it" }],
		["a rollout", [policy({}), running], { state: "AwaitingRollout" }],
		["no rollout that it may replace", [policy({ supersede: true }), running], undefined],
		[
			"a freeze",
			[policy({ freezes: [{ cron: "0 11 * * *", duration: "3h" }] })],
			{ state: "AwaitingWindow", until: "2026-01-01T14:00:00.000Z" },
		],
	])("is %s", async (_who, objects, expected) => {
		const { image } = await explained([cart, ...objects], { tags });
		if (expected === undefined) expect(image?.heldBy).toBeUndefined();
		else expect(image?.heldBy).toMatchObject(expected);
	});
});

describe("who asks", () => {
	test("by keel's annotations sees how they are read, and where keel chooses otherwise", async () => {
		const keels = deployment("ghcr.io/acme/cart:build-9", {
			"keel.sh/policy": "regexp:^build-",
			"keel.sh/trigger": "poll",
			"keel.sh/pollSchedule": "@every 5m",
			"keel.sh/nonsense": "1",
		});
		const { image, said, notes, text } = await explained([keels], { tags: ["build-9", "build-10"] });
		expect(image?.choice).toMatchObject({ kind: "update", tag: "build-10" });
		expect(image?.rule.schedule).toBe("@every 5m");
		expect(image?.differences.map(({ id }) => id)).toContain("regexp-order");
		expect(said).toContainEqual({ key: "keel.sh/policy", value: "regexp:^build-" });
		expect(notes.join()).toContain("keel.sh/nonsense: is not known");
		expect(text).toContain("Not as keel has it");
	});

	test("by our own annotations hears nothing of keel", async () => {
		const ours = deployment("ghcr.io/acme/cart:1.2.0", { "haldane.dev/policy": "all" });
		const { image, text } = await explained([ours], { tags: ["1.3.0"] });
		expect(image?.differences).toEqual([]);
		expect(text).not.toContain("keel");
	});

	test.each<[string, readonly KubeObject[], string]>([
		["that nobody does", [cart], "nobody asks for its images to be kept up to date"],
		["what cannot be read", [deployment("a:1", { "keel.sh/policy": "majr" })], "'majr' is no policy"],
		["that the policy is suspended", [cart, policy({ suspend: true })], "ImagePolicy cart is suspended"],
		["which policy is malformed", [cart, policy({ images: [] })], "spec.images"],
	])("is told %s", async (_what, objects, words) => {
		expect((await explained(objects)).text).toContain(words);
	});

	test("of a container that is left alone is told of the others", async () => {
		await expect(explained([cart, policy({})], { container: "log" })).rejects.toThrow("only those of app");
	});
});
