import type { KubeObject } from "../../domain/kube-object.ts";

/** Ours win. */
export const PREFIXES = ["haldane.dev/", "keel.sh/"] as const;
export const KEEL_PREFIX = "keel.sh/";

export type MetadataMap = "annotations" | "labels";

/** What a workload says under one key. */
export interface Said {
	/** As it is written on the workload, for messages. */
	readonly key: string;
	readonly value: string;
	readonly isKeels: boolean;
	readonly from: MetadataMap;
}

export interface KeyQuery {
	/** Without prefix. */
	readonly name: string;
	/** Where it may stand, the first preferred. */
	readonly in: readonly MetadataMap[];
	/** What keel called it before. */
	readonly formerly?: string;
	/** keel compares it without regard to case. */
	readonly inAnyCase?: boolean;
}

/** What the workload says under the key: under our prefix if it does, else under keel's. */
export function saidBy(workload: KubeObject, query: KeyQuery): Said | undefined {
	return everythingSaid(workload, query)[0];
}

/** The same, with what did not win behind it. */
export function everythingSaid({ metadata }: KubeObject, query: KeyQuery): readonly Said[] {
	return PREFIXES.flatMap((prefix) =>
		query.in.flatMap((from) => {
			const isKeels = prefix === KEEL_PREFIX;
			const wanted = [prefix + query.name, ...(isKeels && query.formerly !== undefined ? [query.formerly] : [])];
			return wanted.flatMap((name) => {
				const [key, value] = entryOf(metadata[from], name, query.inAnyCase === true);
				return typeof value === "string" ? [{ key, value, isKeels, from }] : [];
			});
		}),
	);
}

function entryOf(map: unknown, name: string, inAnyCase: boolean): readonly [key: string, value: unknown] {
	if (typeof map !== "object" || map === null) return [name, undefined];
	const entries = map as Readonly<Record<string, unknown>>;
	if (Object.hasOwn(entries, name)) return [name, entries[name]];
	if (!inAnyCase) return [name, undefined];
	const key = Object.keys(entries).find((one) => one.toLowerCase() === name.toLowerCase()) ?? name;
	return [key, entries[key]];
}
