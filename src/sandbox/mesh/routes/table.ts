import { type KubeObject, keyOf } from "../../../domain/kube-object.ts";
import { attach, portsOf, routeSpec, type World } from "./attachment.ts";
import { covers, type Host, hostnameRank, serviceNameOf } from "./hosts.ts";
import { compareRanks, type RequestLine } from "./matching.ts";
import { type Entry, type Rule, rulesOfRoute } from "./rules.ts";
import { rulesOfSplit, splitSpec } from "./splits.ts";

/** Which rule a request falls under, or what to tell whoever sent it. */
export type Found =
	| { readonly kind: "rule"; readonly rule: Rule; readonly prefix: string; readonly port: number | undefined }
	| { readonly kind: "none"; readonly detail: string };

/** All routes, ready to be asked; made anew when an object changes. */
export interface Table {
	find(host: Host, request: RequestLine): Found;
	/** Every host that is answered, for people. */
	readonly hosts: readonly string[];
	/** What in the routes cannot be obeyed, by the route's key. */
	readonly problems: ReadonlyMap<string, readonly string[]>;
}

interface ServiceRoutes {
	readonly key: string;
	readonly ports: readonly number[];
	/** Of HTTPRoutes; each for one port, or for all. */
	readonly routed: { readonly entry: Entry; readonly port: number | undefined }[];
	/** Of a TrafficSplit, then of the Service alone. */
	readonly fallback: readonly Entry[];
}

export function compileTable(world: World): Table {
	const byHostname = new Map<string | undefined, Entry[]>();
	const byService = new Map<string, ServiceRoutes>();
	const problems = new Map<string, readonly string[]>();
	const splitRoots = new Map<string, readonly Entry[]>();
	const atHostname = (hostname: string | undefined, entries: readonly Entry[]) => {
		const name = hostname?.toLowerCase();
		byHostname.set(name, [...(byHostname.get(name) ?? []), ...entries]);
	};
	for (const split of inOrder(world.splits)) {
		const { namespace = "default" } = split.metadata;
		const entries = rulesOfSplit(split, world);
		const root = splitSpec(split).service ?? "";
		const named = serviceNameOf(root.toLowerCase());
		const key = keyOf({ namespace: named?.namespace ?? namespace, name: named?.name ?? "" });
		if (named !== undefined && world.services.has(key)) {
			// The oldest split of a Service counts.
			if (!splitRoots.has(key)) splitRoots.set(key, entries);
		} else if (root !== "") atHostname(root, entries);
	}
	for (const [key, service] of world.services) {
		const ports = portsOf(service);
		byService.set(key, { key, ports, routed: [], fallback: splitRoots.get(key) ?? [alone(service)] });
	}
	for (const route of inOrder(world.routes)) {
		const compiled = rulesOfRoute(route, world);
		if (compiled.problems.length > 0) problems.set(keyOf(route.metadata), compiled.problems);
		for (const parent of routeSpec(route).parentRefs ?? []) {
			const attachment = attach(route, parent, world);
			if (attachment.kind === "service") {
				const { port } = attachment;
				byService.get(attachment.service)?.routed.push(...compiled.entries.map((entry) => ({ entry, port })));
			} else if (attachment.kind === "gateway") {
				for (const hostname of attachment.hostnames ?? [undefined]) atHostname(hostname, compiled.entries);
			}
		}
	}
	// Stable: of equal ranks the older route's goes first, and within a route the earlier rule's.
	for (const entries of byHostname.values())
		entries.sort((one, other) => compareRanks(one.matcher.rank, other.matcher.rank));
	for (const { routed } of byService.values())
		routed.sort((one, other) => compareRanks(one.entry.matcher.rank, other.entry.matcher.rank));
	const hostnames = [...byHostname.keys()].sort((one, other) => hostnameRank(other) - hostnameRank(one));
	const named = hostnames.filter((hostname) => hostname !== undefined);
	const hosts = [...named.toSorted(), ...[...byService.keys()].map((key) => key.split("/").reverse().join(".")).sort()];
	return {
		hosts,
		problems,
		find(host, request) {
			const hostname = named.find((candidate) => covers(candidate, host.name));
			if (hostname !== undefined) return matched(byHostname.get(hostname) ?? [], host, request, undefined);
			const routes = serviceAt(host, byService);
			if (typeof routes === "string") return { kind: "none", detail: routes };
			if (routes !== undefined) return matchedService(routes, host, request);
			const rest = byHostname.get(undefined);
			if (rest !== undefined) return matched(rest, host, request, undefined);
			return { kind: "none", detail: `nothing answers for host ${host.name || "(none)"}; there are ${listed(hosts)}` };
		},
	};
}

/** Enough to choose from, and no page without end. */
const HOSTS_LISTED = 50;

function listed(hosts: readonly string[]): string {
	if (hosts.length === 0) return "no hosts yet";
	const more = hosts.length - HOSTS_LISTED;
	return hosts.slice(0, HOSTS_LISTED).join(", ") + (more > 0 ? ` and ${more} more` : "");
}

/** The Service that a host names; a text when more than one could be meant. */
function serviceAt(host: Host, services: ReadonlyMap<string, ServiceRoutes>): ServiceRoutes | string | undefined {
	const named = serviceNameOf(host.name);
	if (named === undefined) return undefined;
	if (named.namespace !== undefined) return services.get(`${named.namespace}/${named.name}`);
	const own = services.get(`default/${named.name}`);
	if (own !== undefined) return own;
	const found = [...services.values()].filter(({ key }) => key.endsWith(`/${named.name}`));
	if (found.length <= 1) return found[0];
	const names = found.map(({ key }) => key.split("/").reverse().join(".")).sort();
	return `host ${host.name} may be any of ${listed(names)}; name one of them`;
}

function matchedService(routes: ServiceRoutes, host: Host, request: RequestLine): Found {
	// The port in a Host is the gateway's own unless the Service has such a port.
	const port = host.port !== undefined && routes.ports.includes(host.port) ? host.port : routes.ports[0];
	const entries = routes.routed.filter((routed) => routed.port === undefined || routed.port === port);
	return matched(entries.length > 0 ? entries.map(({ entry }) => entry) : routes.fallback, host, request, port);
}

function matched(entries: readonly Entry[], host: Host, request: RequestLine, port: number | undefined): Found {
	const entry = entries.find(({ matcher }) => matcher.matches(request));
	if (entry !== undefined) return { kind: "rule", rule: entry.rule, prefix: entry.matcher.prefix, port };
	return { kind: "none", detail: `no rule for ${host.name} matches ${request.method} ${request.path}` };
}

/** The Service's own endpoints. */
function alone({ metadata: { namespace = "default", name } }: KubeObject): Entry {
	return {
		matcher: { matches: () => true, rank: [], prefix: "" },
		rule: {
			namespace,
			name,
			filters: [],
			mirrors: [],
			timeoutMs: undefined,
			backends: [{ namespace, service: name, port: undefined, weight: 1, filters: [], problem: undefined }],
		},
	};
}

/** Oldest first, then by name, as the API ranks what is equal otherwise. */
function inOrder(objects: ReadonlyMap<string, KubeObject>): readonly KubeObject[] {
	const order = ({ metadata }: KubeObject) => `${metadata.creationTimestamp ?? ""} ${keyOf(metadata)}`;
	return [...objects.values()].sort((one, other) => (order(one) < order(other) ? -1 : 1));
}
