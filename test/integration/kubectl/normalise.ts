/** Kubernetes makes names up of these letters and digits. */
const MADE_UP = "[bcdfghjklmnpqrstvwxz2456789]";

/** What differs between any two clusters, or between two runs on one; nothing else may. */
const differing: readonly (readonly [RegExp, string])[] = [
	[/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/g, "<uid>"],
	[/\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z?/g, "<time>"],
	[/\b[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d [+-]\d{4}/g, "<time>"],
	[/\b\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+ [+-]\d{4}/g, "<time>"],
	[/("?resourceVersion"?: ?)"\d+"/g, "$1<version>"],
	[/(Resource Version: +)\d+/g, "$1<version>"],
	[/https:\/\/(127\.0\.0\.1|localhost):\d+/g, "<server>"],
	[/\b10\.(77|96)\.\d{1,3}\.\d{1,3}\b/g, "<ip>"],
	// Of a pod, of its ReplicaSet, and of an EndpointSlice.
	[new RegExp(`\\b(web|api)-${MADE_UP}{6,10}-${MADE_UP}{5}\\b`, "g"), "$1-<hash>-<pod>"],
	[new RegExp(`\\b(web|api)-${MADE_UP}{6,10}\\b`, "g"), "$1-<hash>"],
	[new RegExp(`\\b(web|api|plain|odd)-${MADE_UP}{5}\\b`, "g"), "$1-<pod>"],
	[new RegExp(`(pod-template-hash"?[=:] ?"?)${MADE_UP}{6,10}\\b`, "g"), "$1<hash>"],
	// An age, alone in its column or in brackets: 7s, 2m5s, <unknown> is none.
	[/(?<=^|\s|\()(\d+[smh]){1,2}(?= |$|\))/gm, "<age>"],
	// What kubectl diff compares lies in folders of its own.
	[/\/\S*\/(LIVE|MERGED)-\d+/g, "<folder>/$1"],
	[/(LIVE|MERGED)-\d+/g, "$1"],
];

/** The text with a placeholder for whatever may differ, and columns that don't depend on how long that was. */
export function normalise(text: string, { anyOrder = false, without }: Reading = {}): string {
	const replaced = differing.reduce((known, [pattern, placeholder]) => known.replace(pattern, placeholder), text);
	const lines = replaced
		.split("\n")
		.map((line) => line.replaceAll(/(?<=\S) {3,}/g, "   ").trimEnd())
		.filter((line) => without === undefined || !without.test(line));
	return (anyOrder ? lines.toSorted() : lines).join("\n");
}

interface Reading {
	readonly anyOrder?: boolean;
	readonly without?: RegExp | undefined;
}
