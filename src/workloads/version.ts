/** One version of the workload as the cluster has it. */
export interface Version {
	/** The revision of the target that it runs; undefined when it was never marked. */
	readonly revision: string | undefined;
	/** Replicas asked for. */
	readonly replicas: number;
	/** Replicas that can take requests. */
	readonly available: number;
	/** The revision is rolled out and enough of it is available. Never true without replicas. */
	readonly ready: boolean;
	/** Why it will not become ready, when its own controller has given up. */
	readonly stalled: string | undefined;
}
