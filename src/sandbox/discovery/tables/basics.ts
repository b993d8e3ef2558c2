import type { KubeObject } from "../../../domain/kube-object.ts";
import {
	ageColumn,
	at,
	type Column,
	conditionOf,
	createdAtColumn,
	fields,
	items,
	nameColumn,
	orNone,
	text,
	wide,
	word,
} from "./column.ts";

const size = (...maps: readonly unknown[]): number =>
	maps.reduce<number>((sum, map) => sum + Object.keys(fields(map)).length, 0);

export const configMapColumns: readonly Column[] = [
	...[nameColumn, text("Data", ({ data, binaryData }) => size(data, binaryData)), ageColumn],
];

export const secretColumns: readonly Column[] = [
	nameColumn,
	text("Type", ({ type }) => word(type)),
	text("Data", ({ data }) => size(data)),
	ageColumn,
];

export const serviceAccountColumns: readonly Column[] = [
	...[nameColumn, text("Secrets", ({ secrets }) => items(secrets).length), ageColumn],
];

export const namespaceColumns: readonly Column[] = [
	...[nameColumn, text("Status", (object) => word(at(object, "status", "phase"))), ageColumn],
];

export const leaseColumns: readonly Column[] = [
	...[nameColumn, text("Holder", (object) => word(at(object, "spec", "holderIdentity"))), ageColumn],
];

const nodeInfo =
	(field: string) =>
	(node: KubeObject): string =>
		word(at(node, "status", "nodeInfo", field)) || "<unknown>";
const nodeAddress =
	(type: string) =>
	(node: KubeObject): string => {
		const found = items(at(node, "status", "addresses")).find((address) => at(address, "type") === type);
		return orNone(word(at(found, "address")));
	};

export const nodeColumns: readonly Column[] = [
	nameColumn,
	text("Status", (node) => {
		const ready = conditionOf(node, "Ready");
		const said = ready === undefined ? "Unknown" : ready.status === "True" ? "Ready" : "NotReady";
		return at(node, "spec", "unschedulable") === true ? `${said},SchedulingDisabled` : said;
	}),
	text("Roles", ({ metadata }) => {
		const roles = Object.entries(metadata.labels ?? {}).flatMap(([label, value]) => {
			if (label === "kubernetes.io/role") return [value];
			const role = /^node-role\.kubernetes\.io\/(.+)$/.exec(label)?.[1];
			return role === undefined ? [] : [role];
		});
		return orNone([...new Set(roles)].sort().join(","));
	}),
	ageColumn,
	text("Version", (node) => word(at(node, "status", "nodeInfo", "kubeletVersion"))),
	wide("Internal-IP", nodeAddress("InternalIP")),
	wide("External-IP", nodeAddress("ExternalIP")),
	wide("OS-Image", nodeInfo("osImage")),
	wide("Kernel-Version", nodeInfo("kernelVersion")),
	wide("Container-Runtime", nodeInfo("containerRuntimeVersion")),
];

/** Of roles and CustomResourceDefinitions: they show when they were created in place of an age. */
export const createdAtColumns: readonly Column[] = [nameColumn, createdAtColumn];

export const roleBindingColumns: readonly Column[] = [
	nameColumn,
	text("Role", (binding) => `${word(at(binding, "roleRef", "kind"))}/${word(at(binding, "roleRef", "name"))}`),
	ageColumn,
	wide("Users", (binding) => subjects(binding, "User")),
	wide("Groups", (binding) => subjects(binding, "Group")),
	wide("ServiceAccounts", (binding) => subjects(binding, "ServiceAccount")),
];

function subjects(binding: KubeObject, kind: string): string {
	return items(binding.subjects)
		.map(fields)
		.filter((subject) => subject.kind === kind)
		.map(({ namespace, name }) => (kind === "ServiceAccount" ? `${word(namespace)}/${word(name)}` : word(name)))
		.join(", ");
}
