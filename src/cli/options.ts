import type { LogFormat, LogLevel } from "../log.ts";

/** Everything that can be said to the operator when it starts, read and checked. */
export interface OperatorOptions {
	readonly version: string;
	readonly kubeconfig: string | undefined;
	readonly master: string | undefined;
	/** Only this namespace; all when undefined. */
	readonly namespace: string | undefined;
	readonly meshProvider: string;
	readonly metricsServer: string | undefined;
	readonly selectorLabels: readonly string[];
	readonly includeLabelPrefixes: readonly string[];
	readonly noCrossNamespaceRefs: boolean;
	/** Canaries worked on at the same time. */
	readonly concurrency: number;
	readonly drainMs: number;
	readonly port: number;
	readonly logLevel: LogLevel;
	readonly logFormat: LogFormat;
	readonly leaderElection: boolean;
	readonly leaderElectionNamespace: string;
	readonly leaderElectionId: string;
	readonly clusterName: string | undefined;
	readonly slackUrl: string | undefined;
	readonly slackToken: string | undefined;
	readonly slackProxyUrl: string | undefined;
	readonly slackUser: string | undefined;
	readonly slackChannel: string | undefined;
	readonly eventWebhook: string | undefined;
}
