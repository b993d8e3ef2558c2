import { messageOf } from "../../../../domain/failure.ts";
import type { KubeObject } from "../../../../domain/kube-object.ts";
import type { KubeClient } from "../../../../kube/client.ts";
import { ApiError, orNone } from "../../../../kube/errors.ts";
import { resources } from "../../../../kube/resources.ts";
import { type UpdaterCluster, workloadKey } from "../../../../updater/loop/cluster.ts";
import { pullCredentials } from "../../../../updater/loop/pull-credentials.ts";
import { platformsFor } from "../../../../updater/platforms.ts";
import { secretReader } from "../../../compose.ts";
import { listAll, targeting } from "../workloads.ts";

/** The cluster around one workload, read once with the rights of whoever asks. */
export interface Snapshot {
	readonly cluster: Pick<
		UpdaterCluster,
		"canaryOn" | "primaryOf" | "approvals" | "nodePlatforms" | "credentials" | "hostsOf"
	>;
	/** What could not be read, and what that means. */
	readonly notes: readonly string[];
}

export async function snapshotAround(workload: KubeObject, client: KubeClient, now: () => number): Promise<Snapshot> {
	const notes: string[] = [];
	const { namespace = "default", name } = workload.metadata;
	/** What may be forbidden without the rest losing its sense. */
	const allowed = async (asked: Promise<readonly KubeObject[]>, without: string) => {
		try {
			return await asked;
		} catch (thrown) {
			if (!(thrown instanceof ApiError) || thrown.status !== 403) throw thrown;
			notes.push(`${messageOf(thrown)}; ${without}`);
			return [];
		}
	};
	const [canaries, approvals, nodes] = await Promise.all([
		allowed(listAll(client, resources.canaries, namespace), "whether a rollout is under way is not known"),
		allowed(listAll(client, resources.imageApprovals, namespace), "what people said is not known"),
		allowed(listAll(client, resources.nodes, undefined), "the platforms of the nodes are not asked for"),
	]);
	const [canary] = targeting(workloadKey(workload), canaries);
	const ref = { apiVersion: "apps/v1", kind: "Deployment", namespace, name: `${name}-primary` };
	const primary = canary && (await orNone(client.get(ref)));
	return {
		notes,
		cluster: {
			canaryOn: () => canary,
			primaryOf: () => primary,
			approvals: (_namespace, digest) =>
				approvals.filter(({ spec }) => (spec as { readonly digest?: unknown } | undefined)?.digest === digest),
			nodePlatforms: () => platformsFor(workload, nodes),
			hostsOf: (registry) => [registry],
			credentials: pullCredentials({
				readSecret: secretReader(client),
				secretVersion: () => undefined,
				serviceAccount: (account, signal) =>
					orNone(client.get({ ...resources.serviceAccounts, ...account }, { signal })),
				// What the operator is told of registries is not known here.
				registries: { registries: [] },
				ownNamespace: undefined,
				configured: async () => ({ credentials: [], problems: [] }),
				now,
			}),
		},
	};
}
