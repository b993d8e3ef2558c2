import type { OperatorOptions } from "../../../src/cli/options.ts";

/** An operator for tests: quiet, alone, on any free port. */
export function operatorOptions(change: Partial<OperatorOptions>): OperatorOptions {
	return {
		version: "0.0.0-test",
		kubeconfig: undefined,
		master: undefined,
		namespace: undefined,
		meshProvider: "gatewayapi:v1",
		metricsServer: undefined,
		selectorLabels: ["app", "name", "app.kubernetes.io/name"],
		includeLabelPrefixes: [],
		noCrossNamespaceRefs: false,
		concurrency: 8,
		drainMs: 500,
		port: 0,
		dashboard: undefined,
		updater: undefined,
		logLevel: "error",
		logFormat: "json",
		leaderElection: false,
		leaderElectionNamespace: "default",
		leaderElectionId: "haldane",
		clusterName: undefined,
		slackUrl: undefined,
		slackToken: undefined,
		slackProxyUrl: undefined,
		slackUser: undefined,
		slackChannel: undefined,
		eventWebhook: undefined,
		...change,
	};
}
