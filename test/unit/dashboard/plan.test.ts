import { expect, test } from "vitest";
import type { Canary } from "../../../src/api/canary.ts";
import { planOf } from "../../../src/cli/dashboard/plan.ts";

const canary = (analysis: object | undefined, run?: object) =>
	({
		spec: { provider: "linkerd", targetRef: { kind: "Deployment", name: "cart" }, analysis },
		status: run === undefined ? undefined : { run },
	}) as unknown as Canary;

test("tells each step's share and until when it lasts", () => {
	const steps = [{ mirror: 10 }, { weight: 20, for: "1m" }, { weight: 50 }, { pause: true }];
	expect(planOf(canary({ steps }))).toEqual([
		{ share: "copies of 10 %", until: "1 round of checks" },
		{ share: "20 %", until: "for 1m" },
		{ share: "50 %", until: "1 round of checks" },
		{ share: "50 %", until: "until resumed" },
	]);
});

test("tells nothing of a plan that is not the run's, nor of a Canary without tests", () => {
	expect(planOf(canary({ stepWeights: [10, 50] }, { step: 0, steps: 2 }))).toHaveLength(2);
	expect(planOf(canary({ stepWeights: [10, 50] }, { step: 0, steps: 3 }))).toEqual([]);
	expect(planOf(canary(undefined))).toEqual([]);
});
