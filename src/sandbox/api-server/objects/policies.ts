import type { KubeObject } from "../../../domain/kube-object.ts";
import type { Asker, Deed, KindRef } from "../../contract.ts";
import { collectionOf, groupOf } from "../kinds.ts";
import type { Place, World } from "./world.ts";

const GROUP = "admissionregistration.k8s.io";

/** What somebody is about to write. */
export interface Intent {
	readonly operation: Deed["operation"];
	/** Undefined: the server itself, which no policy looks at. */
	readonly asker: Asker | undefined;
	readonly subresource: string;
	/** What is sent to the subresource, when it is no object of the place's kind. */
	readonly sent?: KindRef;
	readonly object: KubeObject | undefined;
	readonly oldObject: KubeObject | undefined;
	readonly dryRun: boolean;
}

/** Throws the refusal of an admission policy that denies it; else what policies warn of. */
export function heedPolicies(world: World, { kind, namespace, name }: Place, intent: Intent): readonly string[] {
	const { asker } = intent;
	if (asker === undefined || groupOf(kind.apiVersion) === GROUP) return [];
	const policies = world.store.list(`${GROUP}/validatingadmissionpolicies`);
	if (policies.length === 0) return [];
	const bindings = world.store.list(`${GROUP}/validatingadmissionpolicybindings`);
	// A namespace is where it is itself.
	const within = collectionOf(kind) === "/namespaces" ? name : namespace;
	const alsoServed = world.kinds
		.all()
		.filter((one) => one !== kind && one.kind === kind.kind && collectionOf(one) === collectionOf(kind));
	const deed: Deed = {
		...intent,
		...{ kind, alsoServed, name, asker, namespace: within },
		home: within === undefined ? undefined : world.store.get("/namespaces", undefined, within),
	};
	return world.rules.askPolicies({ policies, bindings, deed });
}
