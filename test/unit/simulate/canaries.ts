import type { KubeObject } from "../../../src/domain/kube-object.ts";
import type { DryRunOptions } from "../../../src/simulate/dry-run.ts";
import { parseScenario, type Scenario } from "../../../src/simulate/scenario.ts";
import { type Subject, subjectOf } from "../../../src/simulate/subject.ts";

/** Pods take ten seconds, routes none, and a hundred requests a second are made. */
export const options: DryRunOptions = {
	readyAfterMs: 10_000,
	routeAfterMs: 0,
	baselineMs: 100,
	horizonMs: 24 * 3_600_000,
	rate: 100,
};

const metrics = [
	{ name: "request-success-rate", thresholdRange: { min: 99 } },
	{ name: "request-duration", thresholdRange: { max: 150 } },
];

/** Rounds are ten seconds apart, and the third failure ends the run. */
export function canary(analysis: object, spec: object = {}): KubeObject {
	return {
		apiVersion: "haldane.dev/v1beta1",
		kind: "Canary",
		metadata: { name: "cart", namespace: "shop" },
		spec: {
			provider: "gatewayapi:v1",
			targetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "cart" },
			progressDeadlineSeconds: 60,
			service: { port: 80, gatewayRefs: [{ name: "shared", namespace: "gateways" }] },
			analysis: { interval: "10s", threshold: 3, metrics, ...analysis },
			...spec,
		},
	};
}

export const hook = (type: string) => ({ name: `${type} hook`, type, url: "http://tester.test/" });

export const weighted = { stepWeight: 20, maxWeight: 60 };
export const shapes = {
	weighted: canary(weighted),
	"weighted, descending": canary({ ...weighted, stepWeightPromotion: 30 }),
	"weighted, gated": canary({ ...weighted, webhooks: [hook("confirm-promotion")] }),
	"blue/green": canary({ iterations: 3 }, { provider: "kubernetes", service: { port: 80 } }),
	"blue/green that switches": canary({ iterations: 2 }),
	mirrored: canary({ stepWeight: 30, maxWeight: 60, mirror: true }),
	steps: canary({ steps: [{ weight: 10, for: "30s" }, { weight: 30, pause: true }, { weight: 50 }] }),
	"without analysis": canary(weighted, { skipAnalysis: true }),
	held: canary(weighted, { paused: true }),
} as const satisfies Record<string, KubeObject>;
export type ShapeName = keyof typeof shapes;

export function subject(...objects: readonly KubeObject[]): Subject {
	const read = subjectOf(objects, { provider: "kubernetes", drainMs: 5_000 });
	if (!read.ok) throw new Error(read.problems.join("; "));
	return read.subject;
}

export function scenario(text: string): Scenario {
	const parsed = parseScenario(text);
	if (!parsed.ok) throw new Error(parsed.problem);
	return parsed.scenario;
}
