import { describe, expect, test } from "vitest";
import type { Deployment } from "../../../src/workloads/deployment.ts";
import { readinessOf } from "../../../src/workloads/readiness.ts";
import { cart } from "./cart.ts";

const rolledOut = { observedGeneration: 3, replicas: 4, updatedReplicas: 4, availableReplicas: 4 };
const stuck = { type: "Progressing", status: "False", reason: "ProgressDeadlineExceeded", message: "timed out" };

const rows: readonly (readonly [string, Deployment["status"], object, boolean])[] = [
	["is ready when all is rolled out and available", rolledOut, {}, true],
	["is not before its controller has said anything", undefined, {}, false],
	["is not before its controller has seen the change", { ...rolledOut, observedGeneration: 2 }, {}, false],
	["is while its controller has seen even more", { ...rolledOut, observedGeneration: 4 }, {}, true],
	["is not while pods of the old template are left", { ...rolledOut, replicas: 5 }, {}, false],
	["is not before every pod is of the new template", { ...rolledOut, updatedReplicas: 3, replicas: 3 }, {}, false],
	["is not with a pod that is not available", { ...rolledOut, availableReplicas: 3 }, {}, false],
	["is with enough by the threshold", { ...rolledOut, availableReplicas: 3 }, { threshold: 75 }, true],
	["rounds the threshold down, as Flagger does", { ...rolledOut, availableReplicas: 3 }, { threshold: 99 }, true],
	["needs one pod at a threshold of 0", { ...rolledOut, availableReplicas: 0 }, { threshold: 0 }, false],
	["is not without replicas", { observedGeneration: 3 }, { spec: { replicas: 0 } }, false],
	[
		"is one replica unless it is said",
		{ ...rolledOut, replicas: 1, updatedReplicas: 1, availableReplicas: 1 },
		{ spec: { replicas: undefined } },
		true,
	],
	["is not while it scales up", { ...rolledOut, replicas: 2, updatedReplicas: 2, availableReplicas: 2 }, {}, false],
];

describe("a Deployment", () => {
	test.each(rows)(
		"%s",
		(_name, status, { threshold = 100, spec = {} }: { threshold?: number; spec?: object }, ready) => {
			expect(readinessOf(cart({ spec, status }), threshold)).toMatchObject({ ready, stalled: undefined });
		},
	);

	test.each([
		["says why it is stuck", { ...rolledOut, conditions: [stuck] }, "timed out"],
		[
			"says so without a message too",
			{ ...rolledOut, conditions: [{ ...stuck, message: undefined }] },
			"its progress deadline is exceeded",
		],
		[
			"is not stuck by what was said of an older generation",
			{ ...rolledOut, observedGeneration: 2, conditions: [stuck] },
			undefined,
		],
		["is not stuck while it progresses", { ...rolledOut, conditions: [{ ...stuck, status: "True" }] }, undefined],
		[
			"is not stuck for another reason",
			{ ...rolledOut, conditions: [{ ...stuck, reason: "DeploymentPaused" }] },
			undefined,
		],
	])("%s", (_name, status, stalled) => {
		expect(readinessOf(cart({ status: status as Deployment["status"] }), 100).stalled).toBe(stalled);
	});

	test("counts what was asked for and what can take requests", () => {
		const status = { ...rolledOut, availableReplicas: 1 };
		expect(readinessOf(cart({ status }), 100)).toMatchObject({ replicas: 4, available: 1 });
	});
});
