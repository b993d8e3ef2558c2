import type { KubeObject } from "../../../domain/kube-object.ts";
import type { ServedKind } from "../../contract.ts";
export function withBuiltinDefaults(
	_kind: ServedKind,
	object: KubeObject,
	_live: KubeObject | undefined,
	_clusterIP: (() => string) | undefined,
): KubeObject {
	return object;
}
