import type { Condition, Json, KubeObject, Reference } from "../control-plane/kube-object.ts";
import { READY_ANNOTATION } from "../control-plane/pod.ts";

/** What tests read of a Canary's status; a reading of its own, so that a slip in the operator's types cannot hide. */
export interface CanaryStatusSeen {
	readonly phase: string;
	readonly canaryWeight: number;
	readonly failedChecks: number;
	readonly lastAppliedSpec?: string;
	readonly lastPromotedSpec?: string;
	readonly lastHandledCommand?: string;
	readonly run?: {
		readonly revision: string;
		readonly step: number;
		readonly steps: number;
		readonly inForceSince?: string;
		readonly nextCheckAt?: string;
		readonly paused?: boolean;
		readonly waitingFor?: string;
		readonly failedChecks: number;
		readonly inconclusiveChecks: number;
		readonly traffic: { readonly primary: number; readonly candidate: number; readonly mirror: number };
	};
	readonly checks?: readonly {
		readonly name: string;
		readonly value?: number;
		readonly verdict: string;
		readonly message?: string;
	}[];
	readonly history?: readonly { readonly outcome: string; readonly reason?: string; readonly revision: string }[];
	readonly notices?: readonly object[];
	readonly conditions?: readonly Condition[];
	readonly observedGeneration?: number;
}

export type CanarySeen = KubeObject<Json, CanaryStatusSeen>;

export interface DeploymentSeen
	extends KubeObject<
		{
			readonly replicas: number;
			readonly selector: { readonly matchLabels: Readonly<Record<string, string>> };
			readonly template: { readonly spec: { readonly containers: readonly { readonly image: string }[] } };
		},
		{ readonly availableReplicas?: number; readonly replicas?: number; readonly conditions?: readonly Condition[] }
	> {}

export interface ServiceSeen extends KubeObject<{ readonly selector: Readonly<Record<string, string>> }> {}

export const NAMESPACE = "default";

const metadataOf = (name: string, namespace = NAMESPACE) => ({ name, namespace });

export const canaryRef = (name: string, namespace?: string): Reference => ({
	apiVersion: "haldane.dev/v1beta1",
	kind: "Canary",
	metadata: metadataOf(name, namespace),
});

export const deploymentRef = (name: string): Reference => ({
	apiVersion: "apps/v1",
	kind: "Deployment",
	metadata: metadataOf(name),
});

export const serviceRef = (name: string): Reference => ({
	apiVersion: "v1",
	kind: "Service",
	metadata: metadataOf(name),
});

/** A Deployment that a user already has; with `ready: false` its pods never become ready. */
export function deployment(name: string, { image = "web:1.0.0", replicas = 1, ready = true } = {}) {
	const labels = { app: name };
	const metadata = { labels, ...(ready ? {} : { annotations: { [READY_ANNOTATION]: "false" } }) };
	const containers = [{ name: "web", image, ports: [{ containerPort: 8080 }] }];
	return {
		...deploymentRef(name),
		spec: { replicas, selector: { matchLabels: labels }, template: { metadata, spec: { containers } } },
	};
}

/** What `kubectl set image` sends; with `ready: false` the new pods never become ready. */
export function imagePatch(image: string, { ready = true } = {}) {
	const metadata = { annotations: { [READY_ANNOTATION]: ready ? null : "false" } };
	return { spec: { template: { metadata, spec: { containers: [{ name: "web", image }] } } } };
}

/** A check of its own for each Canary, so that the fake Prometheus can tell them apart. */
export function scoreOf(name: string): string {
	return `score{app="${name}"}`;
}

/** A Canary for the Deployment of its name, judged by its own score each second. */
export function canary(
	name: string,
	{ analysis = {}, service = {}, ...spec }: Json & { analysis?: Json; service?: Json } = {},
) {
	return {
		...canaryRef(name),
		spec: {
			provider: "gatewayapi:v1",
			targetRef: { apiVersion: "apps/v1", kind: "Deployment", name },
			service: { port: 80, targetPort: 8080, gatewayRefs: [{ name: "web" }], hosts: [`${name}.example`], ...service },
			analysis: {
				interval: "1s",
				threshold: 2,
				metrics: [{ name: "score", query: scoreOf(name), thresholdRange: { min: 99 } }],
				...analysis,
			},
			...spec,
		},
	};
}
