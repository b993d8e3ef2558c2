import { describe, expect, test } from "vitest";
import type { Reading } from "../../../src/analysis/question.ts";
import {
	blueGreen,
	canary,
	command,
	deployment,
	imageOf,
	initialised,
	Loop,
	refTo,
	replicasOf,
	service,
	setImage,
	weightsOf,
} from "./loop.ts";

const bad: Reading = { kind: "value", value: 12 };

describe("a Canary that is new", () => {
	test("takes a running Deployment and its Service over without a gap", async () => {
		const loop = await initialised();
		expect(loop.status()).toMatchObject({ phase: "Initialized", canaryWeight: 0 });
		expect(loop.gaps).toEqual([]);
		expect(loop.object("Service", "cart")?.spec).toMatchObject({
			selector: { app: "cart-primary" },
			ports: [{ name: "web", port: 80, targetPort: 8080 }],
		});
		expect(weightsOf(loop)).toEqual({ "cart-primary": 100, "cart-canary": 0, cart: 0 });
		expect([replicasOf(loop, "cart"), replicasOf(loop, "cart-primary")]).toEqual([0, 2]);
		expect(loop.reasons()).toEqual(["Initialized"]);
	});

	test("leaves the apex with the target for as long as the primary has no ready pod", async () => {
		const loop = await initialised(blueGreen(), { podStartMs: 4_000 });
		expect(loop.gaps).toEqual([]);
		const stuck = new Loop();
		stuck.cluster.put(deployment("cart", { image: "cart:broken-as-primary" }));
		stuck.cluster.put(service());
		await stuck.run();
		stuck.cluster.put(blueGreen());
		await stuck.run();
		expect(stuck.status().phase).toBe("Initializing");
		expect(stuck.gaps).toEqual([]);
		expect(stuck.object("Service", "cart")?.spec.selector).toEqual({ app: "cart" });
		expect(replicasOf(stuck, "cart")).toBe(2);
	});

	test("makes the apex Service when there is none", async () => {
		const loop = new Loop();
		loop.cluster.put(deployment());
		loop.cluster.put(canary());
		await loop.run();
		expect(loop.status().phase).toBe("Initialized");
		expect(loop.object("Service", "cart")?.metadata.ownerReferences).toBeUndefined();
		expect(loop.object("Service", "cart")?.spec.selector).toEqual({ app: "cart-primary" });
	});

	test("waits for its target, and says so until it comes", async () => {
		const loop = new Loop();
		loop.cluster.put(canary());
		await loop.run();
		expect(loop.condition("Stalled")).toMatchObject({ status: "True", reason: "TargetMissing" });
		loop.cluster.put(deployment());
		await loop.run();
		expect(loop.status().phase).toBe("Initialized");
		expect(loop.condition("Stalled")).toBeUndefined();
	});
});

describe("a rollout", () => {
	test("climbs, promotes, gives the traffic back and puts the candidate away", async () => {
		const loop = await initialised();
		setImage(loop, "cart:2");
		const seen: number[] = [];
		await loop.runUntil(({ phase, canaryWeight }) => {
			if (seen.at(-1) !== canaryWeight) seen.push(canaryWeight);
			return phase === "Succeeded";
		});
		await loop.run();
		expect(seen).toEqual([0, 20, 40, 0]);
		expect(loop.gaps).toEqual([]);
		expect(imageOf(loop, "cart-primary")).toBe("cart:2");
		expect(weightsOf(loop)).toEqual({ "cart-primary": 100, "cart-canary": 0, cart: 0 });
		expect([replicasOf(loop, "cart"), replicasOf(loop, "cart-primary")]).toEqual([0, 2]);
		expect(loop.reasons()).toEqual([
			...["Initialized", "RevisionDetected", "StepReached", "StepReached", "Promoting", "Promoted"],
		]);
	});

	test("of two steps costs fifteen writes, and twenty at most", async () => {
		const loop = await initialised();
		const before = loop.cluster.writes.length;
		setImage(loop, "cart:2");
		await loop.run();
		const writes = loop.cluster.writes.slice(before);
		const statuses = writes.filter(({ verb }) => verb === "status").length;
		console.info(`a rollout of two steps: ${writes.length} writes, ${statuses} of them of the status`);
		expect(writes.length).toBeLessThanOrEqual(20);
	});

	test("is a turn for each status, so that no other Canary waits for the whole of it", async () => {
		const loop = await initialised();
		setImage(loop, "cart:2");
		await loop.run();
		expect(loop.status().phase).toBe("Succeeded");
		expect(loop.statusWritesMost).toBe(1);
	});

	test("keeps the candidate's pods until the requests on their way to them are answered", async () => {
		const loop = await initialised();
		setImage(loop, "cart:2");
		await loop.runUntil(({ phase }) => phase === "Succeeded");
		await loop.run(4_900);
		expect(replicasOf(loop, "cart")).toBe(2);
		await loop.run(200);
		expect(replicasOf(loop, "cart")).toBe(0);
	});

	test("of a bad revision ends where it began", async () => {
		const loop = await initialised();
		loop.reading = () => bad;
		setImage(loop, "cart:2");
		await loop.run();
		expect(loop.status()).toMatchObject({ phase: "Failed", canaryWeight: 0 });
		expect(loop.gaps).toEqual([]);
		expect(imageOf(loop, "cart-primary")).toBe("cart:1");
		expect(weightsOf(loop)).toEqual({ "cart-primary": 100, "cart-canary": 0, cart: 0 });
		expect([replicasOf(loop, "cart"), replicasOf(loop, "cart-primary")]).toEqual([0, 2]);
		expect(loop.condition("Stalled")).toMatchObject({ reason: "TooManyFailedChecks" });
	});

	test("of a revision whose pods never become ready gets no traffic", async () => {
		const loop = await initialised();
		setImage(loop, "cart:broken");
		await loop.runUntil(({ phase }) => phase === "Progressing");
		await loop.run(60_000);
		expect(weightsOf(loop)["cart-canary"]).toBe(0);
		loop.cluster.giveUp("shop", "cart");
		await loop.run();
		expect(loop.status().history?.[0]).toMatchObject({ outcome: "Failed", reason: "ProgressDeadlineExceeded" });
		expect(loop.gaps).toEqual([]);
	});

	test("that cannot be taken up by the primary keeps the candidate serving", async () => {
		const loop = await initialised(canary("cart", { progressDeadlineSeconds: 60 }));
		setImage(loop, "cart:broken-as-primary");
		await loop.run();
		expect(loop.status()).toMatchObject({ phase: "Failed", serving: "candidate", canaryWeight: 100 });
		expect(weightsOf(loop)).toEqual({ "cart-primary": 0, "cart-canary": 100, cart: 0 });
		setImage(loop, "cart:3");
		await loop.run();
		expect(loop.status()).toMatchObject({ phase: "Succeeded", canaryWeight: 0 });
		expect(loop.status().serving).toBeUndefined();
		expect(imageOf(loop, "cart-primary")).toBe("cart:3");
	});

	test("by blue/green on plain Services never lets the apex go to the candidate", async () => {
		const loop = await initialised(blueGreen());
		setImage(loop, "cart:2");
		let isWithPrimary = true;
		await loop.runUntil(({ phase }) => {
			const selector = loop.object<{ selector: { app: string } }>("Service", "cart")?.spec.selector;
			isWithPrimary &&= selector?.app === "cart-primary";
			return phase === "Succeeded";
		});
		await loop.run();
		expect(isWithPrimary).toBe(true);
		expect(loop.gaps).toEqual([]);
		expect(imageOf(loop, "cart-primary")).toBe("cart:2");
		expect(replicasOf(loop, "cart")).toBe(0);
		expect(loop.asked).toBe(2);
	});

	test("does not end while the mesh has not taken its route up", async () => {
		const loop = await initialised();
		loop.cluster.refusedRoutes.set("cart", "NoMatchingParent");
		setImage(loop, "cart:2");
		await loop.run(120_000);
		expect(loop.status()).toMatchObject({ phase: "Progressing", run: { step: 0 } });
		expect(loop.status().run?.inForceSince).toBeUndefined();
		expect(loop.condition("Stalled")).toMatchObject({ reason: "RouteRefused" });
		expect(loop.asked).toBe(0);
	});
});

describe("an idle Canary", () => {
	test.each([
		["after its initialisation", async () => initialised()],
		[
			"after a rollout",
			async () => {
				const loop = await initialised();
				setImage(loop, "cart:2");
				await loop.run();
				return loop;
			},
		],
		[
			"after a failed rollout",
			async () => {
				const loop = await initialised(canary(), { reading: () => bad });
				setImage(loop, "cart:2");
				await loop.run();
				return loop;
			},
		],
		["on plain Services", async () => initialised(blueGreen())],
	])("writes and asks nothing %s", async (_name, arrange) => {
		const loop = await arrange();
		const [writes, asked] = [loop.cluster.writes.length, loop.asked];
		for (let wakes = 0; wakes < 5; wakes += 1) {
			loop.wake();
			await loop.run();
			loop.restart();
			await loop.run();
		}
		expect(loop.cluster.writes.slice(writes)).toEqual([]);
		expect(loop.asked).toBe(asked);
	});

	test("mends what was changed under it, and nothing else", async () => {
		const loop = await initialised();
		const before = loop.cluster.writes.length;
		loop.cluster.edit(refTo("Service", "cart"), { spec: { selector: { app: "cart" } } });
		loop.cluster.edit(refTo("Service", "cart-canary"), { metadata: { labels: { team: "shop" } } });
		loop.cluster.drop(refTo("Service", "cart-primary"));
		await loop.run();
		expect(loop.object("Service", "cart")?.spec.selector).toEqual({ app: "cart-primary" });
		expect(loop.object("Service", "cart-primary")?.spec.selector).toEqual({ app: "cart-primary" });
		const mended = loop.cluster.writes.slice(before).filter(({ verb }) => verb !== "status");
		expect(mended.map(({ object }) => object).toSorted()).toEqual(["Service shop/cart", "Service shop/cart-primary"]);
	});

	test("makes its primary again when somebody deletes it", async () => {
		const loop = await initialised();
		loop.cluster.drop(refTo("Deployment", "cart-primary"));
		await loop.run();
		expect(imageOf(loop, "cart-primary")).toBe("cart:1");
	});
});

describe("a command", () => {
	test("pause holds the run and resume lets it go on", async () => {
		const loop = await initialised();
		setImage(loop, "cart:2");
		await loop.runUntil(({ canaryWeight }) => canaryWeight === 20);
		command(loop, "pause@1");
		await loop.run(600_000);
		expect(loop.status()).toMatchObject({ phase: "Progressing", canaryWeight: 20, lastHandledCommand: "pause@1" });
		const asked = loop.asked;
		await loop.run(600_000);
		expect(loop.asked).toBe(asked);
		command(loop, "resume@2");
		await loop.run();
		expect(loop.status()).toMatchObject({ phase: "Succeeded", lastHandledCommand: "resume@2" });
	});

	test("abort ends the run, and is obeyed once", async () => {
		const loop = await initialised();
		setImage(loop, "cart:2");
		await loop.runUntil(({ canaryWeight }) => canaryWeight === 20);
		command(loop, "abort@1");
		await loop.run();
		expect(loop.status().history?.[0]).toMatchObject({ outcome: "Failed", reason: "Aborted" });
		setImage(loop, "cart:3");
		await loop.run();
		expect(loop.status().phase).toBe("Succeeded");
	});

	test("retry takes a failed revision up again", async () => {
		const loop = await initialised(canary(), { reading: () => bad });
		setImage(loop, "cart:2");
		await loop.run();
		loop.reading = () => ({ kind: "value", value: 100 });
		command(loop, "retry@1");
		await loop.run();
		expect(loop.status().phase).toBe("Succeeded");
		expect(imageOf(loop, "cart-primary")).toBe("cart:2");
	});

	test("promote skips the rest of the steps", async () => {
		const loop = await initialised(canary("cart", { analysis: { stepWeights: [1, 2, 3, 4, 5, 6, 7, 8] } }));
		setImage(loop, "cart:2");
		await loop.runUntil(({ canaryWeight }) => canaryWeight === 1);
		command(loop, "promote@1");
		await loop.run();
		expect(loop.status().phase).toBe("Succeeded");
		expect(loop.asked).toBeLessThanOrEqual(1);
	});

	test("that we do not know changes nothing", async () => {
		const loop = await initialised();
		const before = loop.cluster.writes.length;
		command(loop, "explode@1");
		await loop.run();
		expect(loop.cluster.writes.slice(before)).toEqual([]);
	});
});
