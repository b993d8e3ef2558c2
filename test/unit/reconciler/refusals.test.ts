import { describe, expect, test } from "vitest";
import type { KubeObject } from "../../../src/domain/kube-object.ts";
import { ApiError } from "../../../src/kube/errors.ts";
import {
	blueGreen,
	canary,
	command,
	deployment,
	imageOf,
	initialised,
	Loop,
	type LoopOptions,
	refTo,
	service,
	setImage,
} from "./loop.ts";

const broken = (change: object): KubeObject => {
	const { spec, ...rest } = canary("cart");
	return { ...rest, spec: { ...(spec as object), ...change } };
};

const foreignRoute = {
	apiVersion: "gateway.networking.k8s.io/v1",
	kind: "HTTPRoute",
	metadata: { name: "cart", namespace: "shop" },
	spec: { parentRefs: [{ name: "web" }], rules: [{ backendRefs: [{ name: "elsewhere", port: 80, weight: 1 }] }] },
};

const renamed = (object: KubeObject, name: string): KubeObject => ({
	...object,
	metadata: { ...object.metadata, name },
});

interface Case {
	readonly canary: KubeObject;
	readonly others?: readonly KubeObject[];
	readonly reason: string;
	readonly mend: RegExp;
	readonly options?: LoopOptions;
	/** Whether the target and its Service are there; they are unless it is said. */
	readonly isBare?: boolean;
}

const cases: readonly (readonly [string, Case])[] = [
	[
		"whose target is missing",
		{ canary: canary("cart"), isBare: true, reason: "TargetMissing", mend: /Deployment shop\/cart .*create it/ },
	],
	[
		"whose primary is somebody's",
		{
			canary: canary("cart"),
			others: [deployment("cart-primary")],
			reason: "ForeignPrimary",
			mend: /Deployment shop\/cart-primary .*delete or rename it/,
		},
	],
	[
		"whose candidate Service is somebody's",
		{
			canary: canary("cart"),
			others: [service("cart-canary", { app: "else" })],
			reason: "ForeignService",
			mend: /Service shop\/cart-canary .*delete or rename it/,
		},
	],
	[
		"whose apex Service selects other pods",
		{
			canary: canary("cart", { service: { name: "front" } }),
			others: [service("front", { app: "else" })],
			reason: "ForeignService",
			mend: /Service shop\/front .*change its selector/,
		},
	],
	[
		"whose Service belongs to another Canary",
		{
			canary: canary("cart", { service: { name: "pear" } }),
			reason: "ForeignService",
			mend: /delete or rename it/,
		},
	],
	[
		"whose target is another Canary's primary",
		{
			canary: renamed(canary("pear-primary", { service: { name: "front" } }), "cart"),
			reason: "TargetUnusable",
			mend: /Deployment shop\/pear-primary .*name the Deployment that you deploy to/,
		},
	],
	[
		"whose route sends requests elsewhere",
		{ canary: canary("cart"), others: [foreignRoute], reason: "ForeignRoute", mend: /make one of its rules do so/ },
	],
	[
		"with a provider that nobody knows",
		{
			canary: broken({ provider: "warp" }),
			reason: "InvalidSpec",
			mend: /spec\.provider: 'warp' is not known; use one of gatewayapi/,
		},
	],
	[
		"on an operator whose own provider nobody knows",
		{
			canary: canary("cart"),
			options: { settings: { provider: "warp" } },
			reason: "UnknownProvider",
			mend: /no provider warp; known are gatewayapi/,
		},
	],
	[
		"with a provider that is not supported yet",
		{ canary: canary("cart", { provider: "istio" }), reason: "Unsupported", mend: /use one of gatewayapi/ },
	],
	[
		"whose route kind the cluster does not serve",
		{
			canary: canary("cart"),
			options: { served: {} },
			reason: "RouteKindMissing",
			mend: /install it, or choose another spec\.provider/,
		},
	],
	[
		"on the target of an elder Canary",
		{
			canary: renamed(canary("pear"), "cart"),
			reason: "TargetTaken",
			mend: /target of Canary shop\/pear already; delete one/,
		},
	],
	[
		"with a spec that cannot be read",
		{ canary: broken({ analysis: { iterations: "many" } }), reason: "InvalidSpec", mend: /spec\.analysis\.iterations/ },
	],
	["without a spec", { canary: { ...canary("cart"), spec: undefined }, reason: "InvalidSpec", mend: /spec/ }],
	[
		"whose target has none of the known labels",
		{
			canary: canary("cart"),
			isBare: true,
			others: [deployment("cart", { labels: { tier: "web" } })],
			reason: "SelectorUnusable",
			mend: /add one to its selector/,
		},
	],
	[
		"that asks for weights of plain Services",
		{
			canary: canary("cart", { provider: "kubernetes" }),
			reason: "Unsupported",
			mend: /use iterations \(blue\/green\), or another provider/,
		},
	],
	[
		"that asks a mesh for copies that it cannot make",
		{
			canary: blueGreen("cart", { analysis: { mirror: true } }),
			reason: "Unsupported",
			mend: /cannot mirror; remove it/,
		},
	],
	[
		"that asks plain Services for timeouts",
		{
			canary: blueGreen("cart", { service: { timeout: "3s", gatewayRefs: [] } }),
			reason: "RouteUnusable",
			mend: /spec\.service\.timeout .*remove/,
		},
	],
	[
		"with a template that is missing",
		{
			canary: canary("cart", {
				analysis: { metrics: [{ name: "errors", templateRef: { name: "errors" }, thresholdRange: { max: 1 } }] },
			}),
			reason: "ChecksInvalid",
			mend: /MetricTemplate shop\/errors does not exist/,
		},
	],
	[
		"with a template of another namespace",
		{
			canary: canary("cart", {
				analysis: {
					metrics: [{ name: "errors", templateRef: { name: "errors", namespace: "else" }, thresholdRange: { max: 1 } }],
				},
			}),
			reason: "CrossNamespaceRef",
			mend: /move it to shop/,
		},
	],
];

/** The world of another Canary that is well, and of the one in question. */
async function beside({ canary: refused, others = [], options = {}, isBare = false }: Case): Promise<Loop> {
	const isAlone = options.settings !== undefined || options.served !== undefined;
	const loop = isAlone ? new Loop(options) : await initialised(canary("pear"), options);
	loop.cluster.put({ ...service("bystander", { app: "bystander" }) });
	if (!isBare) {
		loop.cluster.put(deployment());
		loop.cluster.put(service());
	}
	for (const other of others) loop.cluster.put(other);
	await loop.run();
	loop.cluster.advanceTo(loop.cluster.now() + 1_000);
	loop.cluster.put(refused);
	return loop;
}

describe.each(cases)("a Canary %s", (_name, given) => {
	test("is stalled with the mend in its status, is told of once, and touches nothing", async () => {
		const loop = await beside(given);
		const before = loop.cluster.writes.length;
		const objects = loop.cluster.all().filter(({ kind }) => kind !== "Canary");
		await loop.run();
		for (let wakes = 0; wakes < 3; wakes += 1) {
			loop.restart();
			await loop.run();
		}
		expect(loop.condition("Stalled")).toMatchObject({ status: "True", reason: given.reason });
		expect(loop.condition("Stalled")?.message).toMatch(given.mend);
		expect(loop.condition("Ready")).toMatchObject({ status: "False", reason: given.reason });
		expect(loop.reasons()).toEqual(["Stalled"]);
		const writes = loop.cluster.writes.slice(before);
		expect(new Set(writes.map(({ verb, object }) => `${verb} ${object}`))).toEqual(
			new Set(["status Canary shop/cart"]),
		);
		expect(writes.length).toBeLessThanOrEqual(2);
		expect(loop.cluster.all().filter(({ kind }) => kind !== "Canary")).toEqual(objects);
		expect(loop.asked).toBe(0);
	});

	test("disturbs no other, and can be deleted", async () => {
		const loop = await beside(given);
		await loop.run();
		if (loop.cluster.canary("shop/pear") !== undefined) {
			setImage(loop, "pear:2", "pear");
			await loop.run();
			expect(loop.status("pear").phase).toBe("Succeeded");
			expect(imageOf(loop, "pear-primary")).toBe("pear:2");
		}
		loop.cluster.drop(refTo("Canary", "cart"));
		await loop.run();
		expect(loop.cluster.canary("shop/cart")).toBeUndefined();
		expect(loop.gaps).toEqual([]);
	});
});

describe("a Canary that stalls in the middle", () => {
	test.each([
		[
			"an invalid spec",
			{ targetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "cart" }, analysis: { interval: "often" } },
		],
		["an unsupported provider", { provider: "istio" }],
	])("because of %s holds its run, and goes on where it was", async (_name, change) => {
		const loop = await initialised();
		setImage(loop, "cart:2");
		await loop.runUntil(({ canaryWeight }) => canaryWeight === 20);
		const before = loop.cluster.writes.length;
		loop.cluster.edit(refTo("Canary", "cart"), { spec: change });
		await loop.run(600_000);
		expect(loop.condition("Stalled")).toMatchObject({ status: "True" });
		expect(loop.cluster.writes.slice(before).filter(({ verb }) => verb !== "status")).toEqual([]);
		expect(loop.status().phase).toBe("Progressing");
		loop.cluster.edit(refTo("Canary", "cart"), { spec: { provider: null, analysis: { interval: "10s" } } });
		await loop.run();
		expect(loop.status().phase).toBe("Succeeded");
		expect(loop.condition("Stalled")).toBeUndefined();
		expect(loop.reasons().filter((reason) => reason === "RevisionDetected")).toHaveLength(1);
	});
});

describe("a write that only a person can help with", () => {
	/** Refuses every write of the apex Service while it lasts. */
	function forbid(loop: Loop, message: (attempt: number) => string): { attempts: number; stop(): void } {
		const refusal = {
			attempts: 0,
			stop() {
				loop.cluster.fault = undefined;
			},
		};
		loop.cluster.fault = ({ verb, object }, moment) => {
			if (moment === "after" || verb === "status" || object !== "Service shop/cart") return;
			refusal.attempts += 1;
			throw new ApiError(`Service shop/cart: ${message(refusal.attempts)}`, { status: 403, reason: "Forbidden" });
		};
		return refusal;
	}

	async function stalled(message: (attempt: number) => string = () => "services is forbidden") {
		const loop = new Loop();
		loop.cluster.put(deployment());
		loop.cluster.put(service());
		await loop.run();
		const refusal = forbid(loop, message);
		loop.cluster.put(canary());
		await loop.run(600_000);
		return { loop, refusal };
	}

	test("becomes a condition, is tried again now and then, and makes no write loop", async () => {
		const { loop, refusal } = await stalled();
		expect(loop.condition("Stalled")).toMatchObject({
			status: "True",
			message: "Service shop/cart: services is forbidden",
		});
		expect(loop.reasons()).toEqual(["Stalled"]);
		expect(refusal.attempts).toBeLessThan(30);
		const before = loop.cluster.writes.length;
		await loop.run(3_600_000);
		expect(loop.cluster.writes.slice(before)).toEqual([]);
		refusal.stop();
		await loop.run(120_000);
		expect(loop.status().phase).toBe("Initialized");
		expect(loop.condition("Stalled")).toBeUndefined();
	});

	test("is forgotten when somebody else has done what was to be done", async () => {
		const { loop, refusal } = await stalled();
		loop.cluster.edit(refTo("Service", "cart"), { spec: { selector: { app: "cart-primary" } } });
		await loop.run(120_000);
		refusal.stop();
		expect(loop.status().phase).toBe("Initialized");
		expect(loop.condition("Stalled")).toBeUndefined();
	});

	test("is forgotten though nothing is left to be done", async () => {
		const loop = await initialised();
		const refusal = forbid(loop, () => "services is forbidden");
		loop.cluster.edit(refTo("Service", "cart"), { spec: { selector: { app: "cart" } } });
		await loop.run(120_000);
		expect(loop.condition("Stalled")).toMatchObject({ status: "True" });
		loop.cluster.edit(refTo("Service", "cart"), { spec: { selector: { app: "cart-primary" } } });
		await loop.run(120_000);
		expect(loop.condition("Stalled")).toBeUndefined();
		expect(refusal.attempts).toBeGreaterThan(0);
	});

	test("makes no write loop though its message is another each time", async () => {
		const { loop, refusal } = await stalled((attempt) => `request ${attempt} is forbidden`);
		expect(loop.status().phase).toBe("Initializing");
		expect(refusal.attempts).toBeLessThan(60);
		expect(loop.cluster.writes.length).toBeLessThan(30);
	});

	test("is shown anew by the next process", async () => {
		const { loop } = await stalled();
		loop.restart();
		await loop.run(120_000);
		expect(loop.condition("Stalled")).toMatchObject({ message: "Service shop/cart: services is forbidden" });
	});

	test("does not keep a Canary from being deleted once it can be done", async () => {
		const { loop, refusal } = await stalled();
		loop.cluster.drop(refTo("Canary", "cart"));
		refusal.stop();
		await loop.run();
		expect(loop.cluster.canary("shop/cart")).toBeUndefined();
		expect(loop.gaps).toEqual([]);
	});
});

test("a controller that undoes what we write is named instead of fought without end", async () => {
	const loop = await initialised();
	const wake = loop.cluster.onChange;
	loop.cluster.onChange = (object) => {
		wake?.(object);
		const { selector } = (object.spec ?? {}) as { selector?: { app?: string } };
		if (object.kind === "Service" && object.metadata.name === "cart" && selector?.app === "cart-primary") {
			loop.cluster.after(5, () => loop.cluster.edit(refTo("Service", "cart"), { spec: { selector: { app: "cart" } } }));
		}
	};
	const before = loop.cluster.writes.length;
	loop.cluster.edit(refTo("Service", "cart"), { spec: { selector: { app: "cart" } } });
	await loop.run(5_000);
	expect(loop.condition("Stalled")).toMatchObject({ status: "True", reason: "Contested" });
	expect(loop.cluster.writes.length - before).toBeLessThan(60);
});

test("a Canary without a readable status is left alone", async () => {
	const loop = await initialised();
	loop.cluster.advanceTo(loop.cluster.now() + 1_000);
	const { metadata, ...rest } = canary("odd");
	loop.cluster.put(deployment("odd"));
	loop.cluster.put({ ...rest, metadata });
	loop.cluster.spoilStatus("shop", "odd", { phase: "Elsewhere" });
	const before = loop.cluster.writes.length;
	await loop.run();
	expect(loop.cluster.writes.slice(before).filter(({ object }) => object.includes("odd"))).toEqual([]);
	command(loop, "pause@1");
	await loop.run();
	expect(loop.status().phase).toBe("Initialized");
});
