import type { Flag } from "./flag.ts";
import { updaterFlags } from "./updater/flags.ts";

/** Every flag of `haldane run`, in the order of the help. */
export const flags: readonly Flag[] = [
	{ name: "kubeconfig", value: "PATH", describe: "kubeconfig file; in a pod its service account is used without it" },
	{ name: "master", value: "URL", describe: "address of the API server, instead of the kubeconfig's" },
	{ name: "namespace", value: "NAME", describe: "watch this namespace alone; all when empty" },
	{ name: "mesh-provider", value: "NAME", fallback: "kubernetes", describe: "provider of Canaries that name none" },
	{
		name: "metrics-server",
		value: "URL",
		fallback: "http://prometheus:9090",
		describe: "Prometheus of built-in and inline checks",
	},
	{
		name: "selector-labels",
		value: "LIST",
		fallback: "app,name,app.kubernetes.io/name",
		describe: "labels by which targets select their pods, the first that is found counts",
	},
	{
		name: "include-label-prefix",
		value: "LIST",
		fallback: "",
		describe: "labels and annotations of the target that its primary gets, by prefix; * is all",
	},
	{
		name: "no-cross-namespace-refs",
		value: "BOOL",
		fallback: "false",
		describe: "refuse templates and alert providers of other namespaces",
	},
	{ name: "threadiness", value: "N", fallback: "16", describe: "Canaries worked on at the same time" },
	{
		name: "drain",
		value: "DURATION",
		fallback: "5s",
		describe: "how long pods stay after the last request was routed to them",
	},
	{ name: "port", value: "N", fallback: "8080", describe: "port of /healthz, /readyz and /metrics" },
	{ name: "dashboard", value: "BOOL", fallback: "false", describe: "serve the dashboard, see docs/dashboard.md" },
	{ name: "dashboard-port", value: "N", fallback: "8090", describe: "port of the dashboard" },
	{
		name: "dashboard-hosts",
		value: "LIST",
		fallback: "",
		describe: "host names that the dashboard answers to, beside localhost and loopback addresses",
	},
	{
		name: "dashboard-auth",
		value: "WHAT",
		fallback: "actions",
		describe: "what needs a bearer token: actions, or all to read too",
	},
	...updaterFlags,
	{ name: "log-level", value: "LEVEL", fallback: "info", describe: "debug, info, warn or error" },
	{ name: "zap-encoding", value: "FORMAT", fallback: "json", describe: "json or console" },
	{ name: "enable-leader-election", value: "BOOL", fallback: "true", describe: "let one of several replicas lead" },
	{
		name: "leader-election-namespace",
		value: "NAME",
		describe: "namespace of the lease; --namespace when absent, haldane-system when both are",
	},
	{ name: "leader-election-id", value: "NAME", fallback: "haldane", describe: "name of the lease" },
	{ name: "cluster-name", value: "NAME", describe: "said in chat messages" },
	{
		name: "slack-url",
		value: "URL",
		env: "SLACK_URL",
		describe: "Slack webhook for Canaries without alerts of their own",
	},
	{ name: "slack-token", value: "TOKEN", env: "SLACK_TOKEN", describe: "Slack bot token" },
	{ name: "slack-proxy-url", value: "URL", env: "SLACK_PROXY_URL", describe: "proxy to Slack" },
	{ name: "slack-user", value: "NAME", fallback: "haldane", describe: "name in Slack" },
	{ name: "slack-channel", value: "NAME", describe: "channel in Slack" },
	{
		name: "event-webhook",
		value: "URL",
		env: "EVENT_WEBHOOK_URL",
		describe: "told every event of Canaries without event hooks of their own",
	},
	{
		name: "kubeconfig-qps",
		value: "N",
		describe: "accepted",
		ignored: "an idle Canary sends no request, so none are held back",
	},
	{
		name: "kubeconfig-burst",
		value: "N",
		describe: "accepted",
		ignored: "an idle Canary sends no request, so none are held back",
	},
	{
		name: "control-loop-interval",
		value: "DURATION",
		describe: "accepted",
		ignored: "nothing polls: changes are watched",
	},
	{
		name: "enable-config-tracking",
		value: "BOOL",
		describe: "accepted",
		ignored: "ConfigMaps and Secrets are not tracked yet",
	},
	{
		name: "ingress-annotations-prefix",
		value: "TEXT",
		describe: "accepted",
		ignored: "no provider of this version uses an Ingress",
	},
	{
		name: "ingress-class",
		value: "NAME",
		describe: "accepted",
		ignored: "no provider of this version uses an Ingress",
	},
	{ name: "zap-replace-globals", value: "BOOL", describe: "accepted", ignored: "there is one log" },
	{
		name: "kubeconfig-service-mesh",
		value: "PATH",
		describe: "refused",
		refused: "a mesh in another cluster is not supported yet; leave it out",
	},
	{
		name: "msteams-url",
		value: "URL",
		env: "MSTEAMS_URL",
		describe: "refused",
		refused: "Teams is not supported yet; use an AlertProvider of type webhook",
	},
	{
		name: "msteams-proxy-url",
		value: "URL",
		env: "MSTEAMS_PROXY_URL",
		describe: "refused",
		refused: "Teams is not supported yet; use an AlertProvider of type webhook",
	},
];

/** The table of `docs/flags.md`, one row a flag. */
export function flagsTable(): string {
	const rows = flags.map(({ name, value, fallback, env, describe, ignored, refused }) => {
		const said = ignored === undefined ? describe : `no effect: ${ignored}`;
		const standard = fallback === undefined || fallback === "" ? "–" : `\`${fallback}\``;
		const variable = env === undefined ? "–" : `\`${env}\``;
		return `| \`--${name}=${value}\` | ${standard} | ${variable} | ${refused === undefined ? said : `refused: ${refused}`} |`;
	});
	return ["| flag | default | environment | meaning |", "| --- | --- | --- | --- |", ...rows].join("\n");
}

/** Values by flag name, fallbacks filled in; switches say `true` or `false`. */
export type FlagValues = ReadonlyMap<string, string>;

/** A flag that was given and has no effect; never with its value. */
export interface FlagWarning {
	readonly flag: string;
	readonly because: string;
}

/** What the flags say, or the sentence that refuses them; neither repeats a value. */
export type ParsedFlags =
	| { readonly ok: true; readonly values: FlagValues; readonly warnings: readonly FlagWarning[] }
	| { readonly ok: false; readonly problem: string };

/** Reads `--name=value`, `--name value` and Go's `-name=value`. The environment wins over flags, as in Flagger. */
export function parseFlags(words: readonly string[], env: Readonly<Record<string, string | undefined>>): ParsedFlags {
	const values = new Map(
		flags.flatMap(({ name, fallback }) => (fallback === undefined ? [] : [[name, fallback] as const])),
	);
	const given = new Map<string, string>();
	for (let index = 0; index < words.length; index += 1) {
		const word = words[index] ?? "";
		const [, name, inline] = /^--?([a-z][a-z-]*)(?:=(.*))?$/s.exec(word) ?? [];
		if (name === undefined) return { ok: false, problem: `${nameIn(word)} is no flag; write --name=value` };
		const flag = flags.find((one) => one.name === name);
		if (flag === undefined) return { ok: false, problem: `no flag --${name}; did you mean --${nearest(name)}?` };
		const isSwitch = flag.value === "BOOL";
		const following = words[index + 1];
		const isSeparate = inline === undefined && !isSwitch;
		if (isSeparate && following === undefined) {
			return { ok: false, problem: `--${name} needs a value; write --${name}=${flag.value}` };
		}
		const value = inline ?? (isSeparate ? (following as string) : "true");
		const read = isSwitch ? truthOf(value) : value;
		if (read === undefined) return { ok: false, problem: `--${name}: write true or false` };
		given.set(name, read);
		if (isSeparate) index += 1;
	}
	for (const { name, env: variable } of flags) {
		const value = variable === undefined ? undefined : env[variable];
		if (value !== undefined && value !== "") given.set(name, value);
	}
	const warnings: FlagWarning[] = [];
	for (const [name, value] of given) {
		const flag = flags.find((one) => one.name === name);
		if (flag?.refused !== undefined && value !== "") return { ok: false, problem: `--${name}: ${flag.refused}` };
		if (flag?.ignored !== undefined) warnings.push({ flag: `--${name}`, because: flag.ignored });
		values.set(name, value);
	}
	return { ok: true, values, warnings };
}

/** What Go's flags read as a truth, as `true` or `false`. */
function truthOf(text: string): "true" | "false" | undefined {
	if (["1", "t", "T", "TRUE", "true", "True"].includes(text)) return "true";
	return ["0", "f", "F", "FALSE", "false", "False"].includes(text) ? "false" : undefined;
}

/** The part of a word that is safe to repeat: a value may be a secret, and so may a word of its own. */
function nameIn(word: string): string {
	const [name = ""] = word.split("=");
	return name.startsWith("-") ? name.slice(0, 40) : "a word without dashes";
}

/** The known flag that takes the fewest changes to get to. */
function nearest(name: string): string {
	return flags
		.map((flag) => flag.name)
		.reduce((best, known) => (distance(name, known) < distance(name, best) ? known : best));
}

/** Levenshtein's distance. */
function distance(one: string, other: string): number {
	let row = Array.from({ length: other.length + 1 }, (_, index) => index);
	for (let at = 1; at <= one.length; at += 1) {
		const next = [at];
		for (let to = 1; to <= other.length; to += 1) {
			const change = (row[to - 1] ?? 0) + (one[at - 1] === other[to - 1] ? 0 : 1);
			next.push(Math.min(change, (row[to] ?? 0) + 1, (next[to - 1] ?? 0) + 1));
		}
		row = next;
	}
	return row[other.length] ?? 0;
}
