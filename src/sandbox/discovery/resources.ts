import { createHash } from "node:crypto";
import type { KindRef, ServedKind } from "../contract.ts";
import { isBuiltin } from "../schema/decode.ts";
import { byVersionPriority, groupVersionOf } from "./versions.ts";

/** A group with its versions, the preferred one first, and the kinds of each. */
export interface Group {
	readonly name: string;
	readonly versions: readonly { readonly version: string; readonly kinds: readonly ServedKind[] }[];
}

/** The groups of these kinds, in the order in which the kinds first name them. The core group has an empty name. */
export function groupsOf(kinds: readonly ServedKind[]): readonly Group[] {
	const byGroup = Map.groupBy(kinds, ({ apiVersion }) => groupVersionOf(apiVersion).group);
	return [...byGroup].map(([name, members]) => {
		const byVersion = Map.groupBy(members, ({ apiVersion }) => groupVersionOf(apiVersion).version);
		return {
			name,
			versions: [...byVersion]
				.map(([version, ofVersion]) => ({ version, kinds: ofVersion }))
				.sort((one, other) => byVersionPriority(one.version, other.version)),
		};
	});
}

/** Of custom resources, in the order in which the API has them. */
const customVerbs = ["delete", "deletecollection", "get", "list", "patch", "create", "update", "watch"];
const everyVerb = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];

/** Questions in the form of objects: the answer is in what comes back, and nothing is kept. */
const onlyCreated = new Set([
	"v1/Binding",
	"authentication.k8s.io/v1/TokenReview",
	"authentication.k8s.io/v1/SelfSubjectReview",
	"authorization.k8s.io/v1/SubjectAccessReview",
	"authorization.k8s.io/v1/LocalSubjectAccessReview",
	"authorization.k8s.io/v1/SelfSubjectAccessReview",
	"authorization.k8s.io/v1/SelfSubjectRulesReview",
]);

/** What can be done with objects of a kind. */
export function verbsOf(kind: KindRef): readonly string[] {
	return onlyCreated.has(`${kind.apiVersion}/${kind.kind}`) ? ["create"] : isBuiltin(kind) ? everyVerb : customVerbs;
}

export interface Subresource {
	readonly name: string;
	readonly verbs: readonly string[];
	/** What is read and written there. */
	readonly kind: KindRef;
}

const readAndWritten = ["get", "patch", "update"];
const connected = ["create", "get"];

/** The subresources of a kind, each with the kind of its own that it speaks in. */
export function subresourcesOf(kind: ServedKind): readonly Subresource[] {
	return kind.subresources.map((name) => {
		const { verbs = readAndWritten, speaks = kind } = ownKinds[name] ?? {};
		return { name, verbs, kind: { apiVersion: speaks.apiVersion, kind: speaks.kind } };
	});
}

const ownKinds: Readonly<Record<string, { readonly verbs?: readonly string[]; readonly speaks?: KindRef }>> = {
	scale: { speaks: { apiVersion: "autoscaling/v1", kind: "Scale" } },
	binding: { verbs: ["create"], speaks: { apiVersion: "v1", kind: "Binding" } },
	eviction: { verbs: ["create"], speaks: { apiVersion: "policy/v1", kind: "Eviction" } },
	token: { verbs: ["create"], speaks: { apiVersion: "authentication.k8s.io/v1", kind: "TokenRequest" } },
	log: { verbs: ["get"] },
	exec: { verbs: connected, speaks: { apiVersion: "v1", kind: "PodExecOptions" } },
	attach: { verbs: connected, speaks: { apiVersion: "v1", kind: "PodAttachOptions" } },
	portforward: { verbs: connected, speaks: { apiVersion: "v1", kind: "PodPortForwardOptions" } },
};

/** Tells where objects of a kind are stored, so that whoever migrates storage sees it change. */
export function storageVersionHash(kind: ServedKind): string {
	const { group, version } = groupVersionOf(kind.storedAs);
	return createHash("sha256").update(`${group}/${version}/${kind.kind}`).digest().subarray(0, 8).toString("base64");
}
