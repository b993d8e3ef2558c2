import { describe, expect, test } from "vitest";
import { initialised, Loop, canary, deployment, imageOf, replicasOf, service, setImage, weightsOf } from "./loop.ts";

describe("a rollout", () => {
	test("x", async () => {
		const loop = await initialised();
		console.log(JSON.stringify(loop.status(), null, 1), loop.gaps, loop.cluster.writes, loop.told);
		const before = loop.cluster.writes.length;
		setImage(loop, "cart:2");
		const ms = await loop.run();
		console.log(ms, JSON.stringify(loop.status(), null, 1), loop.gaps, loop.cluster.writes.slice(before), loop.told);
		expect(loop.status().phase).toBe("Succeeded");
	});
});
