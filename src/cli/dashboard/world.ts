import { setTimeout as sleep } from "node:timers/promises";
import type { Canary } from "../../api/canary.ts";
import type { KubeObject, ObjectRef } from "../../domain/kube-object.ts";
import type { KubeClient } from "../../kube/client.ts";
import { ApiError } from "../../kube/errors.ts";
import { type Resource, resources } from "../../kube/resources.ts";
import { providerFor } from "../../mesh-adapters/registry.ts";
import type { DashboardPorts, PageFile } from "../../server/dashboard/ports.ts";
import type { Verb } from "../../server/dashboard/wire.ts";
import { command } from "../command.ts";
import { complaintOf } from "../complaint.ts";
import { RefusedError } from "../usage-error.ts";

const pods: Resource = { apiVersion: "v1", kind: "Pod", plural: "pods", namespaced: true };
/** Of a namespace's pods or events, no more than this is read for one page. */
const LISTED_MAX = 5_000;

/** What belongs to a Canary, asked of the API server when a page wants it. */
export function worldThrough(client: Pick<KubeClient, "get" | "list">): Pick<DashboardPorts, "get" | "list"> {
	return {
		async get(ref) {
			try {
				return await client.get(ref);
			} catch (thrown) {
				if (thrown instanceof ApiError && thrown.status === 404) return undefined;
				throw thrown;
			}
		},
		async list(kind, namespace, fieldSelector) {
			const resource = kind === "pods" ? pods : resources.events;
			const found: KubeObject[] = [];
			let next: string | undefined;
			do {
				const page = await client.list(resource, { namespace, fieldSelector, continue: next });
				found.push(...page.items);
				next = page.continue;
			} while (next !== undefined && found.length < LISTED_MAX);
			return found;
		},
	};
}

/** Commands as the client's user. Throws an Error with the mend when that is refused. */
export async function act(
	client: KubeClient,
	verb: Verb,
	{ namespace, name }: { readonly namespace: string; readonly name: string },
): Promise<string> {
	try {
		return await command({ client, namespace, ...waits }, { verb, name, waitMs: undefined });
	} catch (thrown) {
		throw new Error(complaintOf(thrown).text.replace(/^haldane: /, ""), { cause: thrown });
	}
}

const waits = {
	now: () => Date.now(),
	unique: () => crypto.randomUUID().slice(0, 8),
	sleep: (ms: number, signal: AbortSignal) => sleep(ms, undefined, { signal }),
	deadline: (ms: number) => AbortSignal.timeout(ms),
};

/** Calls until it is told to stop. */
export function every(ms: number, call: () => void): () => void {
	const timer = setInterval(call, ms);
	return () => clearInterval(timer);
}

/** Throws a RefusedError when the page was not built. */
export async function builtPage(): Promise<Readonly<Record<string, PageFile>>> {
	try {
		return (await import("../../dashboard/built/page.js")).page;
	} catch (thrown) {
		if ((thrown as NodeJS.ErrnoException).code !== "ERR_MODULE_NOT_FOUND") throw thrown;
		throw new RefusedError("the page is not built yet in this checkout; run: node scripts/build-dashboard.ts");
	}
}

/** The object that moves a Canary's traffic; of one without a provider only who knows the operator's own can tell. */
export function routeOf({ spec, metadata, status }: Canary, provider = "kubernetes"): ObjectRef | undefined {
	const found = providerFor(spec.provider ?? provider);
	const resource = found?.adapter.resource;
	const version = found?.versions[0];
	if (resource === undefined || version === undefined) return undefined;
	const name = status?.binding?.service ?? spec.service?.name ?? spec.targetRef.name;
	return {
		apiVersion: `${resource.group}/${version}`,
		kind: resource.kind,
		namespace: metadata.namespace ?? "default",
		name,
	};
}
