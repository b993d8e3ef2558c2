import type { KubeObject } from "../../../../src/domain/kube-object.ts";
import { applyServerSide } from "../../../../src/sandbox/apply/server-side-apply.ts";
import { trackUpdate } from "../../../../src/sandbox/apply/track-update.ts";
import { Refusal, type Schema } from "../../../../src/sandbox/contract.ts";
import { deploymentSchema } from "./schemas.ts";

export const first = "2026-01-02T03:04:05.678Z";
export const later = "2026-01-02T03:05:00Z";

export interface As {
	readonly schema?: Schema | undefined;
	readonly force?: boolean;
	readonly now?: string;
	readonly subresource?: string;
}

export function apply(live: KubeObject | undefined, applied: KubeObject, manager: string, as: As = {}): KubeObject {
	const { force = false, now = first, subresource = "" } = as;
	const schema = "schema" in as ? as.schema : deploymentSchema;
	return applyServerSide({ live, applied, manager, force, schema, subresource, now });
}

export function write(live: KubeObject | undefined, updated: KubeObject, manager: string, as: As = {}): KubeObject {
	const { now = first, subresource = "", schema = deploymentSchema } = as;
	return trackUpdate({ live, updated, manager, schema, subresource, now });
}

export function refusalOf(work: () => unknown): Refusal {
	try {
		work();
	} catch (error) {
		if (error instanceof Refusal) return error;
		throw error;
	}
	throw new Error("nothing was refused");
}
