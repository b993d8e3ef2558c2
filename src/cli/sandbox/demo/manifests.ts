import { durationText } from "../../../domain/duration.ts";
import type { KubeObject } from "../../../domain/kube-object.ts";

export const NAMESPACE = "default";
export const NAME = "podinfo";
export const HOST = "podinfo.example";
/** Of the Deployment. */
export const CONTAINER = "podinfod";
const PORT = 9898;

/** What `kubectl set image` changes. */
export function containers(image: string): readonly object[] {
	return [{ name: CONTAINER, image, ports: [{ name: "http", containerPort: PORT }] }];
}

/** The image of the Deployment as it is written. */
export function imageOf(deployment: KubeObject | undefined): string | undefined {
	const { template } = (deployment?.spec ?? {}) as {
		readonly template?: { readonly spec: { readonly containers: readonly { readonly image: string }[] } };
	};
	return template?.spec.containers[0]?.image;
}

/** What somebody has before they hear of Haldane: a gateway, and a Deployment with its Service. */
export function workload(image: string): readonly KubeObject[] {
	const labels = { app: NAME };
	const metadata = { name: NAME, namespace: NAMESPACE };
	return [
		{
			apiVersion: "gateway.networking.k8s.io/v1",
			kind: "GatewayClass",
			metadata: { name: "sandbox" },
			spec: { controllerName: "haldane.dev/sandbox" },
		},
		{
			apiVersion: "gateway.networking.k8s.io/v1",
			kind: "Gateway",
			metadata: { name: "sandbox", namespace: NAMESPACE },
			spec: { gatewayClassName: "sandbox", listeners: [{ name: "http", protocol: "HTTP", port: 80 }] },
		},
		{
			apiVersion: "apps/v1",
			kind: "Deployment",
			metadata,
			spec: {
				replicas: 2,
				selector: { matchLabels: labels },
				template: {
					metadata: { labels },
					spec: { containers: containers(image) },
				},
			},
		},
		{
			apiVersion: "v1",
			kind: "Service",
			metadata,
			spec: { selector: labels, ports: [{ name: "http", port: 80, targetPort: "http" }] },
		},
	];
}

/** What webhooks are signed with, in the operator's namespace. */
export function webhookSecret(text: string): readonly [namespace: KubeObject, secret: KubeObject] {
	const namespace = "haldane-system";
	return [
		{ apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } },
		{
			apiVersion: "v1",
			kind: "Secret",
			metadata: { name: "haldane-webhooks", namespace },
			data: { ci: Buffer.from(text).toString("base64") },
		},
	];
}

/** How far back the checks look, for an interval between them. */
export function lookBackMsOf(intervalMs: number): number {
	return 3 * intervalMs;
}

/**
 * The Canary of all acts; `analysis` makes the way up. Checks look back over so many milliseconds: what an act leaves behind
 * is out of their sight after that.
 */
export function canary(analysis: { readonly [field: string]: unknown }, lookBackMs: number): KubeObject {
	const interval = durationText(lookBackMs);
	return {
		apiVersion: "haldane.dev/v1beta1",
		kind: "Canary",
		metadata: { name: NAME, namespace: NAMESPACE },
		spec: {
			provider: "gatewayapi:v1",
			targetRef: { apiVersion: "apps/v1", kind: "Deployment", name: NAME },
			service: { port: 80, targetPort: "http", gatewayRefs: [{ name: "sandbox" }], hosts: [HOST] },
			analysis: {
				threshold: 2,
				metrics: [
					{ name: "request-success-rate", interval, thresholdRange: { min: 99 } },
					// Cluster, users and operator are one process: a busy machine stalls them all for half a second now and then.
					{ name: "request-duration", interval, thresholdRange: { max: 1_000 } },
				],
				...analysis,
			},
		},
	};
}
