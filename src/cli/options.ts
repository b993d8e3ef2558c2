import { DURATION_MAX, DURATION_MS_MAX, durationMs } from "../domain/duration.ts";
import { type LogFormat, type LogLevel, logFormats, logLevelOf } from "../log.ts";
import { knownProviders, providerFor } from "../mesh-adapters/registry.ts";
import type { FlagValues } from "./flags.ts";
import { type UpdaterOptions, updaterOptionsFrom } from "./updater/options.ts";

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
	/** Undefined: not served. */
	readonly dashboard:
		| {
				readonly port: number;
				/** Host names that it answers to, beside those of loopback. */
				readonly hosts: readonly string[];
				readonly readersNeedToken: boolean;
		  }
		| undefined;
	/** Undefined: images are not kept up to date. */
	readonly updater: UpdaterOptions | undefined;
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

/** Flags that take an address beside the metrics server's, each with one like it. */
const otherAddresses = {
	master: "https://kubernetes.example:6443",
	"slack-url": "https://hooks.slack.com/services/…",
	"slack-proxy-url": "http://proxy:3128",
	"event-webhook": "https://events.example/haldane",
};

/** The options that flag values say, or what is wrong with one: a sentence that names the flag. */
export function optionsFrom(
	values: FlagValues,
	version: string,
): { readonly ok: true; readonly options: OperatorOptions } | { readonly ok: false; readonly problem: string } {
	const text = (name: string) => (values.get(name) === "" ? undefined : values.get(name));
	const list = (name: string) =>
		(values.get(name) ?? "")
			.split(",")
			.map((one) => one.trim())
			.filter(Boolean);
	const truth = (name: string) => values.get(name) === "true";
	const meshProvider = values.get("mesh-provider") ?? "kubernetes";
	if (providerFor(meshProvider) === undefined) {
		return {
			ok: false,
			problem: `--mesh-provider: no provider ${meshProvider}; known are ${knownProviders.join(", ")}`,
		};
	}
	const drainMs = durationMs(values.get("drain") ?? "5s");
	if (drainMs === undefined) return { ok: false, problem: "--drain: write a duration like 5s or 1m30s" };
	if (drainMs > DURATION_MS_MAX) return { ok: false, problem: `--drain: is too long; the most is ${DURATION_MAX}` };
	const [port, dashboardPort] = [numberOf(values.get("port")), numberOf(values.get("dashboard-port") ?? "8090")];
	for (const [name, one] of Object.entries({ port, "dashboard-port": dashboardPort })) {
		if (!Number.isInteger(one) || one < 0 || one > 65_535)
			return { ok: false, problem: `--${name}: write a number from 0 to 65535` };
	}
	if (truth("dashboard") && port === dashboardPort && port !== 0)
		return { ok: false, problem: "--dashboard-port: write another port than that of --port" };
	const hosts = list("dashboard-hosts");
	if (!hosts.every((host) => /^[a-z\d]([a-z\d.-]*[a-z\d])?$/i.test(host)))
		return { ok: false, problem: "--dashboard-hosts: write names like haldane.example, without ports or wildcards" };
	const auth = values.get("dashboard-auth") ?? "actions";
	if (auth !== "actions" && auth !== "all") return { ok: false, problem: "--dashboard-auth: write actions or all" };
	const concurrency = numberOf(values.get("threadiness"));
	if (!Number.isInteger(concurrency) || concurrency < 1 || concurrency > 256) {
		return { ok: false, problem: "--threadiness: write a number from 1 to 256" };
	}
	const logLevel = logLevelOf(values.get("log-level") ?? "info");
	if (logLevel === undefined) return { ok: false, problem: "--log-level: write debug, info, warn or error" };
	const logFormat = logFormats.find((format) => format === values.get("zap-encoding"));
	if (logFormat === undefined) return { ok: false, problem: `--zap-encoding: write ${logFormats.join(" or ")}` };
	const metricsServer = text("metrics-server");
	const addresses = { "metrics-server": "http://prometheus:9090", ...otherAddresses };
	for (const [name, like] of Object.entries(addresses)) {
		const address = text(name);
		// The address itself is not repeated: it may hold a secret.
		if (address !== undefined && !isAddress(address))
			return { ok: false, problem: `--${name}: write a URL like ${like}` };
	}
	const updater = updaterOptionsFrom(values);
	if (typeof updater === "string") return { ok: false, problem: updater };
	const namespace = text("namespace");
	return {
		ok: true,
		options: {
			version,
			kubeconfig: text("kubeconfig"),
			master: text("master"),
			namespace,
			meshProvider,
			metricsServer,
			selectorLabels: list("selector-labels"),
			includeLabelPrefixes: list("include-label-prefix"),
			noCrossNamespaceRefs: truth("no-cross-namespace-refs"),
			concurrency,
			drainMs,
			port,
			dashboard: truth("dashboard") ? { port: dashboardPort, hosts, readersNeedToken: auth === "all" } : undefined,
			updater,
			logLevel,
			logFormat,
			leaderElection: truth("enable-leader-election"),
			leaderElectionNamespace: text("leader-election-namespace") ?? namespace ?? "haldane-system",
			leaderElectionId: text("leader-election-id") ?? "haldane",
			clusterName: text("cluster-name"),
			slackUrl: text("slack-url"),
			slackToken: text("slack-token"),
			slackProxyUrl: text("slack-proxy-url"),
			slackUser: text("slack-user"),
			slackChannel: text("slack-channel"),
			eventWebhook: text("event-webhook"),
		},
	};
}

function isAddress(text: string): boolean {
	return /^https?:\/\//i.test(text) && URL.canParse(text);
}

/** A whole number written with digits; NaN for anything else, the empty text too. */
function numberOf(text: string | undefined): number {
	return /^\d{1,9}$/.test(text ?? "") ? Number(text) : Number.NaN;
}
