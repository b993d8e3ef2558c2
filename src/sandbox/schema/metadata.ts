import { equal } from "../../domain/contains.ts";
import type { KubeObject, ObjectMeta } from "../../domain/kube-object.ts";
import type { ServedKind } from "../contract.ts";
import {
	dnsLabel1035Problems,
	dnsLabelProblems,
	dnsSubdomainProblems,
	labelKeyProblems,
	labelProblemsAt,
} from "./names.ts";
import { groupOf, invalid, type Problem, required } from "./problems.ts";

/** Names of these are parts of paths only, and may hold most signs. */
const PATH_NAMES = new Set(["Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding"]);

/** What is wrong with an object's own metadata, and with what became of it since `live`. */
export function metadataProblems(
	kind: ServedKind,
	object: KubeObject,
	live: KubeObject | undefined,
): readonly Problem[] {
	const { metadata } = object;
	const problems: Problem[] = [];
	if (metadata.name === undefined || metadata.name === "") {
		problems.push(required("metadata.name", "name or generateName is required"));
	} else if (live === undefined) {
		problems.push(...nameProblems(kind, metadata.name).map((why) => invalid("metadata.name", metadata.name, why)));
	}
	problems.push(...labelProblemsAt(metadata.labels, "metadata.labels"));
	for (const key of Object.keys(metadata.annotations ?? {})) {
		problems.push(...labelKeyProblems(key.toLowerCase()).map((why) => invalid("metadata.annotations", key, why)));
	}
	return live === undefined ? problems : [...problems, ...immutableProblems(metadata, live.metadata)];
}

function nameProblems({ apiVersion, kind }: ServedKind, name: string): readonly string[] {
	if (groupOf(apiVersion) === "rbac.authorization.k8s.io" && PATH_NAMES.has(kind)) {
		if (name === "." || name === "..") return [`may not be '${name}'`];
		return ["/", "%"].filter((sign) => name.includes(sign)).map((sign) => `may not contain '${sign}'`);
	}
	if (apiVersion === "v1" && kind === "Namespace") return dnsLabelProblems(name);
	if (apiVersion === "v1" && kind === "Service") return dnsLabel1035Problems(name);
	return dnsSubdomainProblems(name);
}

function immutableProblems(metadata: ObjectMeta, live: ObjectMeta): readonly Problem[] {
	return (["name", "namespace", "uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds"] as const)
		.filter((field) => !equal(metadata[field], live[field]))
		.map((field) => invalid(`metadata.${field}`, metadata[field], "field is immutable"));
}

/**
 * What a request may not change comes from `live` where the request leaves it out, and the moment of creation always does:
 * a real API server doesn't ask either.
 */
export function keptMetadata(metadata: ObjectMeta, live: ObjectMeta): ObjectMeta {
	const kept: Record<string, unknown> = { ...metadata };
	for (const field of ["name", "namespace", "uid", "deletionTimestamp", "deletionGracePeriodSeconds"]) {
		if (kept[field] === undefined && live[field] !== undefined) kept[field] = live[field];
	}
	for (const field of ["creationTimestamp", "generation"]) {
		if (live[field] === undefined) delete kept[field];
		else kept[field] = live[field];
	}
	delete kept.generateName;
	if (live.generateName !== undefined) kept.generateName = live.generateName;
	return kept as unknown as ObjectMeta;
}
