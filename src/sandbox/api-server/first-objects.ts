import { collectionOf } from "./kinds.ts";
import type { World } from "./objects/world.ts";
import { create } from "./objects/writes.ts";

const NAMESPACES = ["default", "kube-system", "kube-public", "kube-node-lease"];

/** Makes what is there in every cluster from the start, and serves the definitions that were kept. */
export function makeFirstObjects(world: World): void {
	for (const definition of world.store.list("apiextensions.k8s.io/customresourcedefinitions")) {
		world.kinds.serve(definition);
	}
	const kind = world.kinds.of({ apiVersion: "v1", kind: "Namespace" });
	if (!kind) throw new Error("the kind Namespace is not served, so that there is nowhere to put anything");
	for (const name of NAMESPACES) {
		if (world.store.get(collectionOf(kind), undefined, name)) continue;
		const object = { apiVersion: "v1", kind: "Namespace", metadata: { name } };
		create(
			world,
			{ kind, namespace: undefined, object },
			{ manager: "sandbox", fieldValidation: "Ignore", dryRun: false },
		);
	}
}
