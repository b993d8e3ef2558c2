import { describe, expect, test } from "vitest";
import type { KubeObject } from "../../../../src/domain/kube-object.ts";
import type { Rollout } from "../../../../src/updater/decide/situation.ts";
import { rolloutSeen } from "../../../../src/updater/loop/rollout-seen.ts";
import type { Deployment } from "../../../../src/workloads/deployment.ts";
import { revisionOf } from "../../../../src/workloads/revision.ts";
import { deployment } from "../../../support/updater/model/world.ts";

const target = deployment("app", { app: "ghcr.io/acme/app:1.2.0" }) as Deployment;
const seen: KubeObject = { ...target, metadata: { ...target.metadata, generation: 7 } };
const revision = revisionOf(target.spec.template);
const canary = (status?: object): KubeObject => ({
	apiVersion: "haldane.dev/v1beta1",
	kind: "Canary",
	metadata: { name: "app", namespace: "shop" },
	...(status && { status }),
});
const failed = (more: object) => canary({ phase: "Failed", ...more });

describe("the rollout of a workload", () => {
	test.each<[string, KubeObject | undefined, Rollout]>([
		["is none without a Canary", undefined, { kind: "none" }],
		["is settled when the Canary was never looked at", canary(), { kind: "settled" }],
		["is settled after it succeeded", canary({ phase: "Succeeded", lastAppliedSpec: revision }), { kind: "settled" }],
		["runs while there is a run", canary({ phase: "Failed", run: {} }), { kind: "running" }],
		["failed with this generation", failed({ targetGeneration: 7 }), { kind: "failed", why: "its Canary failed" }],
		["failed with this template", failed({ lastAppliedSpec: revision }), { kind: "failed", why: "its Canary failed" }],
		[
			"is settled when another revision failed",
			failed({ lastAppliedSpec: "r0", targetGeneration: 6 }),
			{ kind: "settled" },
		],
		[
			"failed for what its history says",
			failed({ targetGeneration: 7, history: [{ reason: "TooManyFailedChecks", message: "too slow" }] }),
			{ kind: "failed", why: "too slow" },
		],
		[
			"failed for the reason in one word where there is no message",
			failed({ targetGeneration: 7, history: [{ reason: "TooManyFailedChecks" }] }),
			{ kind: "failed", why: "TooManyFailedChecks" },
		],
	])("%s", (_name, object, expected) => expect(rolloutSeen(object, seen)).toEqual(expected));
});
