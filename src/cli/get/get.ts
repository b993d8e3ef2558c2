import type { Canary } from "../../api/canary.ts";
import { resources } from "../../kube/resources.ts";
import { openSession, type SessionFlags } from "../session.ts";
import { UsageError } from "../usage-error.ts";
import { details } from "./details.ts";
import { table } from "./table.ts";

export interface GetFlags extends SessionFlags {
	readonly allNamespaces?: boolean;
	readonly output?: string;
}

const outputs = ["table", "wide", "json", "yaml", "name"] as const;
type Output = (typeof outputs)[number];

/** All Canaries as a table, or one of them whole: where it stands, why, and what comes next. */
export async function get(name: string | undefined, flags: GetFlags, now: number): Promise<string> {
	const output = outputs.find((known) => known === (flags.output ?? "table"));
	if (output === undefined) throw new UsageError(`--output ${flags.output}: write ${outputs.join(", ")}`);
	if (name !== undefined && flags.allNamespaces) {
		throw new UsageError(`${name} is in one namespace; leave out --all-namespaces, or the name`);
	}
	const { client, namespace } = openSession(flags);
	const { apiVersion, kind } = resources.canaries;
	if (name !== undefined) {
		const canary = (await client.get({ apiVersion, kind, namespace, name })) as Canary;
		return (await exact(output, canary, [canary])) ?? details(canary, now);
	}
	const canaries: Canary[] = [];
	let next: string | undefined;
	do {
		const page = await client.list(resources.canaries, {
			...(flags.allNamespaces ? {} : { namespace }),
			continue: next,
		});
		canaries.push(...(page.items as Canary[]));
		next = page.continue;
	} while (next !== undefined);
	const text = await exact(output, { apiVersion: "v1", kind: "List", metadata: {}, items: canaries }, canaries);
	if (text !== undefined) return text;
	if (canaries.length === 0) return flags.allNamespaces ? "no Canaries" : `no Canaries in namespace ${namespace}`;
	return table(canaries, { namespaces: flags.allNamespaces === true, wide: output === "wide", now });
}

/** What other programs read; undefined for what people read. */
async function exact(output: Output, object: object, canaries: readonly Canary[]): Promise<string | undefined> {
	if (output === "json") return JSON.stringify(object, null, 2);
	if (output === "yaml") return (await import("yaml")).stringify(object).trimEnd();
	if (output === "name") return canaries.map(({ metadata }) => `canary.haldane.dev/${metadata.name}`).join("\n");
	return undefined;
}
