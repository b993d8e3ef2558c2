import type { KubeObject } from "../../../domain/kube-object.ts";
import type { ServedKind } from "../../contract.ts";
import { groupOf } from "../kinds.ts";
import { badRequest } from "../refusals.ts";

export type Matches = (object: KubeObject) => boolean;

type Labels = Readonly<Record<string, string>>;

const KEY = "[A-Za-z0-9]([A-Za-z0-9._/-]*[A-Za-z0-9])?";
const VALUE = "[A-Za-z0-9]?[A-Za-z0-9._-]*";
const equality = new RegExp(`^(${KEY})\\s*(==|=|!=)\\s*(${VALUE})$`);
const setBased = new RegExp(`^(${KEY})\\s+(in|notin)\\s*\\(([^()]*)\\)$`);
const ordered = new RegExp(`^(${KEY})\\s*([<>])\\s*(-?\\d+)$`);
const existence = new RegExp(`^(!?)\\s*(${KEY})$`);

/** Undefined: everything. Throws the refusal of a selector that can't be read. */
export function labelSelector(text: string | null): Matches | undefined {
	const parts = splitOutside(text ?? "");
	if (parts.length === 0) return undefined;
	const requirements = parts.map(labelRequirement);
	return ({ metadata }) => requirements.every((holds) => holds(metadata.labels ?? {}));
}

function labelRequirement(text: string): (labels: Labels) => boolean {
	const [, equalKey = "", , operator, value] = equality.exec(text) ?? [];
	if (operator !== undefined) {
		return operator === "!=" ? (labels) => labels[equalKey] !== value : (labels) => labels[equalKey] === value;
	}
	const [, setKey = "", , membership, list = ""] = setBased.exec(text) ?? [];
	if (membership !== undefined) {
		const values = new Set(list.split(",").map((one) => one.trim()));
		// What has no such label is in no set, and so it is "notin" every one.
		if (membership === "notin") return (labels) => !values.has(labels[setKey] ?? "\0");
		return (labels) => values.has(labels[setKey] ?? "\0");
	}
	const [, orderKey = "", , sign, bound] = ordered.exec(text) ?? [];
	if (sign !== undefined) {
		return (labels) => {
			const number = Number.parseInt(labels[orderKey] ?? "", 10);
			return sign === ">" ? number > Number(bound) : number < Number(bound);
		};
	}
	const [, not, key = ""] = existence.exec(text) ?? [];
	if (not === undefined) {
		throw badRequest(`unable to parse requirement: found '${text}', expected: a label selector`);
	}
	return (labels) => Object.hasOwn(labels, key) === (not === "");
}

/** At commas that are in no parentheses. */
function splitOutside(text: string): readonly string[] {
	const parts = text.split(/,(?![^()]*\))/).map((part) => part.trim());
	return parts.filter((part) => part !== "");
}

const EVENT_FIELDS = [
	...["kind", "namespace", "name", "uid", "apiVersion", "resourceVersion", "fieldPath"].map(
		(field) => `involvedObject.${field}`,
	),
	...["reason", "reportingComponent", "source", "type"],
];

/** What the built-in kinds can be selected by, beside name and namespace: by resource and group. */
const fields: Readonly<Record<string, readonly string[]>> = {
	"/pods": [
		...["spec.nodeName", "spec.restartPolicy", "spec.schedulerName", "spec.serviceAccountName", "spec.hostNetwork"],
		...["status.phase", "status.podIP", "status.nominatedNodeName"],
	],
	"/events": EVENT_FIELDS,
	"/secrets": ["type"],
	"/namespaces": ["status.phase"],
	"/nodes": ["spec.unschedulable"],
	"/services": ["spec.clusterIP", "spec.type"],
	"apps/replicasets": ["status.replicas"],
	"batch/jobs": ["status.successful"],
	"events.k8s.io/events": EVENT_FIELDS.map((field) => field.replace(/^involvedObject/, "regarding")),
};

/** As `labelSelector`. Fields that a kind can't be selected by are refused. */
export function fieldSelector(
	text: string | null,
	kind: ServedKind,
	definition: KubeObject | undefined,
): Matches | undefined {
	const parts = (text ?? "").split(/(?<!\\),/).filter((part) => part !== "");
	if (parts.length === 0) return undefined;
	const known = ["metadata.name", ...(kind.namespaced ? ["metadata.namespace"] : [])];
	const own = definition ? selectableFields(kind, definition) : fields[`${groupOf(kind.apiVersion)}/${kind.plural}`];
	const allowed = new Set([...known, ...(own ?? [])]);
	const requirements = parts.map((part) => {
		const [, field = "", operator, escaped = ""] = /^([^=!]+?)(==|!=|=)(.*)$/.exec(part) ?? [];
		if (operator === undefined) throw badRequest(`invalid selector: '${part}'; can't understand '${part}'`);
		if (!allowed.has(field)) throw badRequest(unsupported(field, own ? undefined : known));
		const value = escaped.replaceAll(/\\(.)/g, "$1");
		return (object: KubeObject) => (valueAt(object, field) === value) === (operator !== "!=");
	});
	return (object) => requirements.every((holds) => holds(object));
}

/** Kinds that can be selected by no more than their names say so. */
function unsupported(field: string, known: readonly string[] | undefined): string {
	if (!known) return `field label not supported: ${field}`;
	return `"${field}" is not a known field selector: only ${known.map((name) => `"${name}"`).join(", ")}`;
}

function selectableFields(kind: ServedKind, definition: KubeObject): readonly string[] {
	const { versions = [] } = definition.spec as {
		readonly versions?: readonly {
			readonly name: string;
			readonly selectableFields?: readonly { jsonPath: string }[];
		}[];
	};
	const version = versions.find(({ name }) => kind.apiVersion.endsWith(`/${name}`));
	return (version?.selectableFields ?? []).map(({ jsonPath }) => jsonPath.replace(/^\./, ""));
}

/** The text of a field as selectors see it: what isn't there is empty. */
function valueAt(object: KubeObject, field: string): string {
	if (field === "source") {
		const source = object.source as { readonly component?: string } | undefined;
		return source?.component || ((object.reportingComponent as string | undefined) ?? "");
	}
	let value: unknown = object;
	for (const name of field.split(".")) value = (value as Readonly<Record<string, unknown>> | undefined | null)?.[name];
	// A flag that isn't set is false, a count that isn't there is nought.
	if (value === undefined && (field === "spec.unschedulable" || field === "spec.hostNetwork")) return "false";
	if (value === undefined && (field === "status.replicas" || field === "status.successful")) return "0";
	return value === undefined || value === null ? "" : String(value);
}

/** Both; undefined when neither asks for anything. */
export function bothOf(one: Matches | undefined, other: Matches | undefined): Matches | undefined {
	if (!one || !other) return one ?? other;
	return (object) => one(object) && other(object);
}
