import type { Json, ServedKind } from "../contract.ts";
import { type Group, storageVersionHash, subresourcesOf, verbsOf } from "./resources.ts";
import { groupVersionOf } from "./versions.ts";

/** The answer at `/api`. */
export function apiVersions(groups: readonly Group[]): Json {
	const core = groups.find(({ name }) => name === "");
	return {
		kind: "APIVersions",
		versions: core?.versions.map(({ version }) => version) ?? [],
		serverAddressByClientCIDRs: [],
	};
}

/** The answer at `/apis`: every group but the core one. */
export function apiGroupList(groups: readonly Group[]): Json {
	return {
		kind: "APIGroupList",
		apiVersion: "v1",
		groups: groups.filter(({ name }) => name !== "").map(groupEntry),
	};
}

/** The answer at `/apis/GROUP`. */
export function apiGroup(group: Group): Json {
	return { kind: "APIGroup", apiVersion: "v1", ...groupEntry(group) };
}

function groupEntry({ name, versions }: Group): Json {
	const entries = versions.map(({ version }) => ({ groupVersion: `${name}/${version}`, version }));
	return { name, versions: entries, preferredVersion: entries[0] };
}

/** The answer at `/api/v1` and `/apis/GROUP/VERSION`: the resources and their subresources. */
export function apiResourceList(apiVersion: string, kinds: readonly ServedKind[]): Json {
	return {
		kind: "APIResourceList",
		// The list of the core group has never had an apiVersion.
		...(apiVersion.includes("/") ? { apiVersion: "v1" } : {}),
		groupVersion: apiVersion,
		resources: kinds.flatMap((kind) => [resourceEntry(kind), ...subresourceEntries(kind)]),
	};
}

function resourceEntry(kind: ServedKind): Json {
	const verbs = verbsOf(kind);
	return {
		name: kind.plural,
		singularName: kind.singular,
		namespaced: kind.namespaced,
		kind: kind.kind,
		verbs,
		...(kind.shortNames.length > 0 ? { shortNames: kind.shortNames } : {}),
		...(kind.categories.length > 0 ? { categories: kind.categories } : {}),
		...(verbs.includes("get") ? { storageVersionHash: storageVersionHash(kind) } : {}),
	};
}

function subresourceEntries(kind: ServedKind): readonly Json[] {
	return subresourcesOf(kind).map(({ name, verbs, kind: spoken }) => ({
		name: `${kind.plural}/${name}`,
		singularName: "",
		namespaced: kind.namespaced,
		...(spoken.apiVersion === kind.apiVersion ? {} : groupVersionOf(spoken.apiVersion)),
		kind: spoken.kind,
		verbs,
	}));
}
