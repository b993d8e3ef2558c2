/** A request's Host: a name in lower case, without a dot at its end, and the port if one is written. */
export interface Host {
	readonly name: string;
	readonly port: number | undefined;
}

export function hostOf(header: string | undefined): Host {
	const [, name = "", port] = /^(.*?)(?::(\d{1,5}))?$/.exec((header ?? "").trim()) ?? [];
	return { name: name.toLowerCase().replace(/\.$/, ""), port: port === undefined ? undefined : Number(port) };
}

/** Whether a hostname of a route or a listener stands for `name`; `*.x` stands for any name below x, x itself not. */
export function covers(hostname: string, name: string): boolean {
	const wanted = hostname.toLowerCase();
	if (!wanted.startsWith("*.")) return wanted === name;
	return name.endsWith(wanted.slice(1)) && name.length >= wanted.length;
}

/** Greater for what says more: an exact name, then the longest wildcard, then no name at all. */
export function hostnameRank(hostname: string | undefined): number {
	if (hostname === undefined) return -1;
	return hostname.startsWith("*.") ? hostname.length : 1_000 + hostname.length;
}

/** The hostnames that a route and a listener have in common; undefined in either, and in the result, stands for all. */
export function common(
	routes: readonly string[] | undefined,
	listener: string | undefined,
): readonly string[] | undefined {
	if (listener === undefined || listener === "") return routes;
	if (routes === undefined) return [listener];
	return routes.flatMap((hostname) => {
		if (covers(listener, hostname.toLowerCase()) || hostname === listener) return [hostname];
		return covers(hostname, listener.toLowerCase()) ? [listener] : [];
	});
}

/** Namespace and name of the Service that a host names: `name`, `name.namespace`, and that with `.svc` or `.svc.<zone>`. */
export function serviceNameOf(
	name: string,
): { readonly name: string; readonly namespace: string | undefined } | undefined {
	const [service = "", namespace, svc, ...zone] = name.split(".");
	if (service === "" || namespace === "") return undefined;
	if (svc !== undefined && svc !== "svc") return undefined;
	if (zone.length > 0 && zone.join(".") !== "cluster.local") return undefined;
	return { name: service, namespace };
}
