import { Phase } from "../../../src/api/canary-status.ts";
import type { KubeObject } from "../../../src/domain/kube-object.ts";
import type { Json } from "../../../src/sandbox/contract.ts";

export const phases: readonly string[] = Phase.options;

const nameIn = (phase: string) => (phase === "" ? "untouched" : phase.toLowerCase());

/** A Canary whose name says its phase. */
export function demoCanary(phase: string): KubeObject {
	return {
		apiVersion: "haldane.dev/v1beta1",
		kind: "Canary",
		metadata: { name: nameIn(phase), namespace: "default" },
		spec: {
			provider: "gatewayapi:v1",
			targetRef: { apiVersion: "apps/v1", kind: "Deployment", name: nameIn(phase) },
			service: { port: 80, gatewayRefs: [{ name: "sandbox" }], hosts: [`${nameIn(phase)}.example`] },
			analysis: {
				stepWeights: [10, 30, 50],
				threshold: 2,
				metrics: [
					{ name: "request-success-rate", thresholdRange: { min: 99 } },
					{ name: "request-duration", thresholdRange: { max: 500 } },
				],
			},
		},
	};
}

/** Its target and the primary, a version apart. */
export function workloads(phase: string): readonly KubeObject[] {
	const deployment = (name: string, image: string): KubeObject => ({
		apiVersion: "apps/v1",
		kind: "Deployment",
		metadata: { name, namespace: "default" },
		spec: {
			replicas: 2,
			selector: { matchLabels: { app: name } },
			template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: "main", image }] } },
		},
	});
	return [deployment(nameIn(phase), "podinfo:1.1.0"), deployment(`${nameIn(phase)}-primary`, "podinfo:1.0.0")];
}

const running = ["Progressing", "WaitingPromotion", "Promoting", "Finalising"];

/** What the operator would say of it, as far as the page looks. */
export function statusIn(phase: string, now: number): Json {
	const at = (secondsAgo: number) => new Date(now - secondsAgo * 1_000).toISOString();
	const failed = phase === "Failed";
	return {
		phase,
		canaryWeight: running.includes(phase) ? 30 : 0,
		failedChecks: failed ? 2 : 0,
		iterations: 0,
		lastTransitionTime: at(45),
		...(running.includes(phase)
			? {
					run: {
						revision: "43f241f5c007c0d7",
						startedAt: at(90),
						step: 1,
						steps: 3,
						traffic: { primary: 70, candidate: 30, mirror: 0 },
						inForceSince: at(20),
						rounds: 0,
						nextCheckAt: at(-40),
						failedChecks: 0,
						inconclusiveChecks: 0,
					},
				}
			: {}),
		checks: [
			{
				name: "request-success-rate",
				value: failed ? 71 : 99.8,
				threshold: ">= 99",
				verdict: failed ? "failed" : "passed",
				at: at(10),
			},
			{ name: "request-duration", value: 42, threshold: "<= 500", verdict: "passed", at: at(10) },
		],
		history: [
			{
				revision: "ab2fb5d5e38d9cb6",
				startedAt: at(4_000),
				endedAt: at(3_600),
				outcome: "Succeeded",
				reason: "Promoted",
				message: "it passed",
			},
		],
		conditions: [
			{
				type: "Ready",
				status: failed ? "False" : "True",
				reason: "Shown",
				message: `a Canary that is ${phase || "new"}`,
				lastTransitionTime: at(45),
			},
		],
	};
}
