import type { Json, KindRef, ServedKind } from "../contract.ts";
import { type Group, subresourcesOf, verbsOf } from "./resources.ts";
import { groupVersionOf } from "./versions.ts";

/** Versions of apidiscovery.k8s.io; the lists say the same in both. */
export type AggregatedVersion = "v2" | "v2beta1";

/** All of these groups in one answer, which spares a client a request for each version. */
export function groupDiscoveryList(groups: readonly Group[], version: AggregatedVersion): Json {
	return {
		kind: "APIGroupDiscoveryList",
		apiVersion: `apidiscovery.k8s.io/${version}`,
		metadata: {},
		items: groups.map(({ name, versions }) => ({
			metadata: name === "" ? {} : { name },
			versions: versions.map(({ version, kinds }) => ({
				version,
				resources: kinds.map(resourceEntry),
				freshness: "Current",
			})),
		})),
	};
}

function resourceEntry(kind: ServedKind): Json {
	const subresources = subresourcesOf(kind).map(({ name, verbs, kind: spoken }) => ({
		subresource: name,
		responseKind: responseKind(spoken),
		verbs,
	}));
	return {
		resource: kind.plural,
		responseKind: responseKind(kind),
		scope: kind.namespaced ? "Namespaced" : "Cluster",
		singularResource: kind.singular,
		verbs: verbsOf(kind),
		...(kind.shortNames.length > 0 ? { shortNames: kind.shortNames } : {}),
		...(kind.categories.length > 0 ? { categories: kind.categories } : {}),
		...(subresources.length > 0 ? { subresources } : {}),
	};
}

function responseKind({ apiVersion, kind }: KindRef): Json {
	return { ...groupVersionOf(apiVersion), kind };
}
