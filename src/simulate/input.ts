import { parseAllDocuments } from "yaml";
import type { KubeObject } from "../domain/kube-object.ts";

/** A file's text, with the name that complaints call it by. */
export interface InputText {
	readonly name: string;
	readonly text: string;
}

export type ObjectsRead =
	| { readonly ok: true; readonly objects: readonly KubeObject[] }
	| { readonly ok: false; readonly problems: readonly string[] };

/** Every object of every document, Lists taken apart. Empty documents are nothing. */
export function readObjects(inputs: readonly InputText[]): ObjectsRead {
	const problems: string[] = [];
	const objects: KubeObject[] = [];
	for (const { name, text } of inputs) {
		const values = readDocuments({ name, text });
		if (!values.ok) problems.push(...values.problems);
		else {
			for (const value of values.documents.flatMap(itemsOf)) {
				const problem = isObject(value) ? undefined : lackOf(value);
				if (problem !== undefined) problems.push(`${name}: ${problem}`);
				else objects.push(value as KubeObject);
			}
		}
	}
	return problems.length === 0 ? { ok: true, objects } : { ok: false, problems };
}

/** The values of a text's documents, empty ones left out. */
export function readDocuments({
	name,
	text,
}: InputText):
	| { readonly ok: true; readonly documents: readonly unknown[] }
	| { readonly ok: false; readonly problems: readonly string[] } {
	const documents = [...parseAllDocuments(text)];
	const problems = documents.flatMap(({ errors }) => errors.map((error) => `${name}: ${firstLine(error.message)}`));
	if (problems.length > 0) return { ok: false, problems };
	try {
		const values = documents.map((document) => document.toJS() as unknown);
		return { ok: true, documents: values.filter((value) => value !== null && value !== undefined) };
	} catch (thrown) {
		// Aliases without an anchor, or more of them than any manifest needs.
		return {
			ok: false,
			problems: [`${name}: ${firstLine(thrown instanceof Error ? thrown.message : String(thrown))}`],
		};
	}
}

function itemsOf(value: unknown): readonly unknown[] {
	const { kind, items } = (value ?? {}) as { readonly kind?: unknown; readonly items?: unknown };
	return kind === "List" && Array.isArray(items) ? items : [value];
}

function isObject(value: unknown): boolean {
	return lackOf(value) === undefined;
}

function lackOf(value: unknown): string | undefined {
	if (typeof value !== "object" || value === null || Array.isArray(value)) return "a document is no Kubernetes object";
	const { apiVersion, kind, metadata } = value as Readonly<Record<string, unknown>>;
	if (typeof kind !== "string") return "an object has no kind";
	if (typeof apiVersion !== "string") return `a ${kind} has no apiVersion`;
	const { name, namespace } = (metadata ?? {}) as { readonly name?: unknown; readonly namespace?: unknown };
	if (typeof name !== "string") return `a ${kind} has no metadata.name`;
	return namespace === undefined || typeof namespace === "string"
		? undefined
		: `${kind} ${name}: metadata.namespace is no text`;
}

function firstLine(message: string): string {
	return (message.split("\n", 1)[0] ?? "").replace(/:$/, "");
}
