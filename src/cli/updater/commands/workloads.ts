import { byAge, type KubeObject } from "../../../domain/kube-object.ts";
import type { KubeClient } from "../../../kube/client.ts";
import { orNone } from "../../../kube/errors.ts";
import { type Resource, resources } from "../../../kube/resources.ts";
import { type WorkloadKey, workloadKey, workloadsNamedBy } from "../../../updater/loop/cluster.ts";
import { WORKLOAD_KINDS, type WorkloadKind } from "../../../updater/workload.ts";
import { RefusedError, UsageError } from "../../usage-error.ts";

/** When registries are asked where nobody says when, as the operator has it unless told otherwise. */
export const DEFAULTS = { schedule: "@every 1m" } as const;

/** What is read of one kind in one command. */
const LISTED_MAX = 20_000;

export const workloadResources = {
	Deployment: resources.deployments,
	DaemonSet: resources.daemonSets,
	StatefulSet: resources.statefulSets,
	CronJob: resources.cronJobs,
} as const satisfies Record<WorkloadKind, Resource>;

const shortNames: Readonly<Record<string, WorkloadKind>> = {
	deploy: "Deployment",
	ds: "DaemonSet",
	sts: "StatefulSet",
	cj: "CronJob",
};

/** A workload as people name it on a command line. */
export interface NamedWorkload {
	readonly kind: WorkloadKind;
	readonly name: string;
}

/** Reads `deployment/cart`, `Deployment/cart`, `deploy/cart`, `statefulsets/db`; throws UsageError with what to write. */
export function namedWorkload(text: string): NamedWorkload {
	const [kindText = "", name = "", ...more] = text.split("/");
	const lower = kindText.toLowerCase();
	const kind =
		shortNames[lower] ??
		WORKLOAD_KINDS.find((known) => [known.toLowerCase(), `${known.toLowerCase()}s`].includes(lower));
	if (kind === undefined || name === "" || more.length > 0)
		throw new UsageError(`${text}: write KIND/NAME, such as deployment/cart; kinds are ${WORKLOAD_KINDS.join(", ")}`);
	return { kind, name };
}

/** All of one kind, in the namespace or in every one. Throws when there are more than any command shows. */
export async function listAll(
	client: Pick<KubeClient, "list">,
	resource: Resource,
	namespace: string | undefined,
): Promise<readonly KubeObject[]> {
	const found: KubeObject[] = [];
	let next: string | undefined;
	do {
		const page = await client.list(resource, { namespace, continue: next });
		found.push(...page.items);
		next = page.continue;
		if (found.length > LISTED_MAX)
			throw new RefusedError(`there are more than ${LISTED_MAX} ${resource.plural}; name a namespace with -n`);
	} while (next !== undefined);
	return found;
}

/** The workload with the ImagePolicies that name it, the oldest first. */
export async function readWorkload(
	client: Pick<KubeClient, "get" | "list">,
	namespace: string,
	{ kind, name }: NamedWorkload,
): Promise<{ readonly workload: KubeObject; readonly policies: readonly KubeObject[] }> {
	const { apiVersion } = workloadResources[kind];
	const [workload, policies] = await Promise.all([
		orNone(client.get({ apiVersion, kind, namespace, name })),
		listAll(client, resources.imagePolicies, namespace),
	]);
	if (workload === undefined)
		throw new RefusedError(
			`there is no ${kind} ${namespace}/${name}; haldane updater list -A shows what is kept up to date`,
		);
	return { workload, policies: targeting(workloadKey(workload), policies) };
}

/** Those of the ImagePolicies, or Canaries, that name the workload as their target, the oldest first. */
export function targeting(key: WorkloadKey, objects: readonly KubeObject[]): readonly KubeObject[] {
	return objects.filter((object) => workloadsNamedBy(object).includes(key)).sort(byAge);
}
