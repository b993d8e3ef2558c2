import { type KubeObject, refOf } from "../../domain/kube-object.ts";
import type { KindRef, SandboxApi } from "../contract.ts";
import { controllerOf, isControlledBy, type LabelSelector, ownedBy, selects } from "./kinds.ts";

/**
 * Which of these objects the owner manages, after it has adopted those without a manager that its selector selects, and
 * released those of its own that it no longer selects.
 */
export function claim<T extends KubeObject>(options: {
	readonly api: SandboxApi;
	readonly owner: KubeObject;
	readonly ownerKind: KindRef;
	readonly selector: LabelSelector;
	readonly candidates: readonly T[];
}): readonly T[] {
	const { api, owner, ownerKind, selector, candidates } = options;
	return candidates.flatMap((object) => {
		const isSelected = selects(selector, object.metadata.labels);
		if (isControlledBy(object, owner)) {
			if (isSelected || owner.metadata.deletionTimestamp !== undefined) return [object];
			const rest = (object.metadata.ownerReferences ?? []).filter(({ uid }) => uid !== owner.metadata.uid);
			setOwners(api, object, rest);
			return [];
		}
		const isFree = controllerOf(object) === undefined && object.metadata.deletionTimestamp === undefined;
		if (!isSelected || !isFree || owner.metadata.deletionTimestamp !== undefined) return [];
		const others = (object.metadata.ownerReferences ?? []).filter(({ uid }) => uid !== owner.metadata.uid);
		return [setOwners(api, object, [...others, ownedBy(owner, ownerKind)]) as T];
	});
}

function setOwners(api: SandboxApi, object: KubeObject, ownerReferences: readonly object[]): KubeObject {
	const { resourceVersion } = object.metadata;
	return api.patch(refOf(object), { metadata: { resourceVersion, ownerReferences } });
}
