import type { Canary } from "../../../src/api/canary.ts";
import type { OwnerReference } from "../../../src/domain/kube-object.ts";
import type { Deployment, PodSpec } from "../../../src/workloads/deployment.ts";
import { canaryWith } from "../analysis/canary.ts";

export const owner: OwnerReference = { apiVersion: "haldane.dev/v1beta1", kind: "Canary", name: "cart", uid: "u1" };

interface Given {
	readonly metadata?: object;
	readonly labels?: Readonly<Record<string, string>>;
	readonly annotations?: Readonly<Record<string, string>>;
	readonly pod?: object;
	readonly spec?: object;
	readonly status?: Deployment["status"];
}

/** Deployment `shop/cart`, which selects its pods by `app` and `tier`. */
export function cart({ metadata = {}, labels = {}, annotations, pod = {}, spec = {}, status }: Given = {}): Deployment {
	const matchLabels = { app: "cart", tier: "web" };
	return {
		apiVersion: "apps/v1",
		kind: "Deployment",
		metadata: { name: "cart", namespace: "shop", generation: 3, ...metadata },
		spec: {
			replicas: 4,
			selector: { matchLabels },
			template: {
				metadata: { labels: { ...matchLabels, ...labels }, ...(annotations === undefined ? {} : { annotations }) },
				spec: { containers: [{ name: "web", image: "cart:1", ports: [{ containerPort: 8080 }] }], ...pod } as PodSpec,
			},
			...spec,
		},
		...(status === undefined ? {} : { status }),
	};
}

/** Canary `shop/cart` with that `spec.service`. */
export function canaryOf(service: object = {}): Canary {
	return canaryWith({}, { service: { port: 80, ...service } });
}
