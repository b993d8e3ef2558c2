import type { KubeObject } from "../../../domain/kube-object.ts";
import type { ServedKind } from "../../contract.ts";
import type { Problem } from "../problems.ts";
export function builtinProblems(
	_kind: ServedKind,
	_object: KubeObject,
	_live: KubeObject | undefined,
	_subresource: string,
): readonly Problem[] {
	return [];
}
