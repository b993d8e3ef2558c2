import type { KubeObject } from "../../domain/kube-object.ts";
import { requireKind } from "./kinds.ts";
import { find, timeOf, type World } from "./objects/world.ts";
import { create } from "./objects/writes.ts";

const NAMESPACES = ["default", "kube-system", "kube-public", "kube-node-lease"];

/** Makes what is there in every cluster from the start, and serves the definitions that were kept. */
export function makeFirstObjects(world: World): void {
	for (const definition of world.store.list("apiextensions.k8s.io/customresourcedefinitions")) {
		world.kinds.serve(definition);
	}
	for (const name of NAMESPACES) make(world, { apiVersion: "v1", kind: "Namespace", metadata: { name } });
	make(world, ownService);
	make(world, {
		apiVersion: "v1",
		kind: "ConfigMap",
		metadata: { name: "kube-apiserver-legacy-service-account-token-tracking", namespace: "kube-system" },
		data: { since: timeOf(world).slice(0, "2026-01-01".length) },
	});
}

/** How pods find the API server. Nothing serves it here, for no program runs in them. */
const ownService: KubeObject = {
	apiVersion: "v1",
	kind: "Service",
	metadata: {
		name: "kubernetes",
		namespace: "default",
		labels: { component: "apiserver", provider: "kubernetes" },
	},
	spec: {
		...{ type: "ClusterIP", clusterIP: "10.96.0.1", ipFamilyPolicy: "SingleStack" },
		ports: [{ name: "https", protocol: "TCP", port: 443, targetPort: 6443 }],
	},
};

function make(world: World, object: KubeObject): void {
	const kind = requireKind(world.kinds, object);
	const { name, namespace } = object.metadata;
	if (find(world, { kind, namespace, name })) return;
	create(world, { kind, namespace, object }, { manager: "kube-apiserver", fieldValidation: "Ignore", dryRun: false });
}
