import type { KubeObject } from "../../domain/kube-object.ts";
import { type KindRef, type PrinterColumn, Refusal, type ServedKind } from "../contract.ts";
import type { ApiRules } from "./rules.ts";

/** The kinds that are served now: the built-in ones, and those of the CustomResourceDefinitions that are there. */
export interface Kinds {
	/** The same list until a definition changes. */
	all(): readonly ServedKind[];
	/** By its place in URLs: `v1` or `group/version`, and the plural. */
	at(apiVersion: string, plural: string): ServedKind | undefined;
	of(ref: KindRef): ServedKind | undefined;
	/** The kind in the version that it is stored in. */
	stored(kind: ServedKind): ServedKind;
	/** The definition of a custom kind; undefined for built-in ones. */
	definitionOf(kind: ServedKind): KubeObject | undefined;
	columnsOf(kind: ServedKind): readonly PrinterColumn[] | undefined;
	/** Serves what the definition says, in place of what it said before; throws Refusal for a bad one. */
	serve(definition: KubeObject): void;
	forget(definition: string): void;
}

export function createKinds(rules: ApiRules): Kinds {
	const custom = new Map<string, { readonly definition: KubeObject; readonly kinds: readonly ServedKind[] }>();
	let all: readonly ServedKind[] = rules.builtinKinds;
	let byPlace = new Map<string, ServedKind>();
	let byRef = new Map<string, ServedKind>();
	let definitions = new Map<string, KubeObject>();
	const columns = new WeakMap<ServedKind, readonly PrinterColumn[]>();

	function refresh(): void {
		const customs = [...custom.values()];
		all = [...rules.builtinKinds, ...customs.flatMap(({ kinds }) => kinds)];
		byPlace = new Map(all.map((kind) => [`${kind.apiVersion} ${kind.plural}`, kind]));
		byRef = new Map(all.map((kind) => [`${kind.apiVersion} ${kind.kind}`, kind]));
		definitions = new Map(
			customs.flatMap(({ definition, kinds }) =>
				kinds.map((kind): [string, KubeObject] => [collectionOf(kind), definition]),
			),
		);
	}

	refresh();
	return {
		all: () => all,
		at: (apiVersion, plural) => byPlace.get(`${apiVersion} ${plural}`),
		of: ({ apiVersion, kind }) => byRef.get(`${apiVersion} ${kind}`),
		stored: (kind) => byRef.get(`${kind.storedAs} ${kind.kind}`) ?? { ...kind, apiVersion: kind.storedAs },
		definitionOf: (kind) => definitions.get(collectionOf(kind)),
		columnsOf(kind) {
			const definition = definitions.get(collectionOf(kind));
			if (!definition) return undefined;
			const known = columns.get(kind);
			if (known) return known;
			const found = rules.printerColumnsOf(definition, versionOf(kind.apiVersion));
			columns.set(kind, found);
			return found;
		},
		serve(definition) {
			custom.set(definition.metadata.name, { definition, kinds: rules.kindsOf(definition) });
			refresh();
		},
		forget(definition) {
			if (custom.delete(definition)) refresh();
		},
	};
}

/** Where objects of the kind are kept: all versions of a kind together. */
export function collectionOf(kind: ServedKind): string {
	return `${groupOf(kind.storedAs)}/${kind.plural}`;
}

export function groupOf(apiVersion: string): string {
	return apiVersion.includes("/") ? apiVersion.slice(0, apiVersion.indexOf("/")) : "";
}

export function versionOf(apiVersion: string): string {
	return apiVersion.slice(apiVersion.indexOf("/") + 1);
}

/** `pods`, `deployments.apps`: how messages name a resource. */
export function resourceOf({ apiVersion, plural }: Pick<ServedKind, "apiVersion" | "plural">): string {
	const group = groupOf(apiVersion);
	return group === "" ? plural : `${plural}.${group}`;
}

/** Throws the refusal of a kind that isn't served. */
export function requireKind(kinds: Kinds, ref: KindRef): ServedKind {
	const kind = kinds.of(ref);
	if (kind) return kind;
	throw new Refusal(404, "NotFound", `no matches for kind "${ref.kind}" in version "${ref.apiVersion}"`);
}
