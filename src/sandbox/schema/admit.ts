import { equal } from "../../domain/contains.ts";
import type { KubeObject } from "../../domain/kube-object.ts";
import type { Schema, ServedKind } from "../contract.ts";
import { withBuiltinDefaults } from "./builtin/defaults.ts";
import { builtinProblems } from "./builtin/validation.ts";
import { withDefaults } from "./custom/defaults.ts";
import { ruleFindings } from "./custom/rules.ts";
import { hidesRules, schemaProblems } from "./custom/validate.ts";
import { badRequest, decode, isBuiltin } from "./decode.ts";
import { keptMetadata, metadataProblems } from "./metadata.ts";
import { fieldsOf, invalid, type Problem, refuse } from "./problems.ts";

/** A request to store an object, as it came in. */
export interface AdmitRequest {
	readonly kind: ServedKind;
	/** What is stored, in the version of `kind`; undefined: it is to be made. */
	readonly live: KubeObject | undefined;
	readonly object: KubeObject;
	/** Of `scale`, the object is the whole one, or a `Scale`. */
	readonly subresource: "" | "status" | "scale";
	readonly fieldValidation: "Strict" | "Warn" | "Ignore";
	/** For what is made now. */
	readonly now: string;
	/** A free address for a Service; without it, Services get none. */
	readonly clusterIP?: () => string;
}

export interface Admitted {
	readonly object: KubeObject;
	readonly warnings: readonly string[];
}

/**
 * What a real API server does to an object before it is stored: drops or refuses unknown fields, fills in defaults, checks,
 * keeps what may not change, takes status or spec from `live`, counts `generation`. The resource version and the managed
 * fields stay as the request has them. Throws Refusal: 400 for what cannot be read, 422 for what is invalid.
 */
export function admit(request: AdmitRequest): Admitted {
	const { kind, live } = request;
	const { object: read, unknown } = decode(kind, scaled(request));
	const warnings = unknown.map((path) => `unknown field ${JSON.stringify(path)}`);
	if (request.fieldValidation === "Strict" && warnings.length > 0) {
		throw badRequest(kind, `strict decoding error: ${warnings.join(", ")}`);
	}
	const merged = live === undefined ? created(read, request) : updated(read, live, request);
	const isOwn = isBuiltin(kind);
	const complete = isOwn
		? withBuiltinDefaults(kind, merged, live, request.clusterIP)
		: withSchemaDefaults(merged, kind.schema);
	const problems: Problem[] = [...metadataProblems(kind, complete, live)];
	const told: string[] = request.fieldValidation === "Warn" ? [...warnings] : [];
	if (isOwn) problems.push(...builtinProblems(kind, complete, live, request.subresource));
	else {
		const { problems: found, warnings: unasked } = customProblems(kind, complete, live, problems.some(hidesRules));
		problems.push(...found);
		told.push(...unasked);
	}
	if (problems.length > 0) throw refuse({ ...kind, kind: complete.kind, name: complete.metadata.name ?? "" }, problems);
	return { object: counted(kind, complete, live), warnings: told };
}

/** A Scale says how many replicas the whole object is to have. */
function scaled({ subresource, object, live }: AdmitRequest): KubeObject {
	if (subresource !== "scale" || live === undefined || object.kind !== "Scale") return object;
	const { resourceVersion } = object.metadata;
	return {
		...live,
		metadata: { ...live.metadata, ...(resourceVersion === undefined ? {} : { resourceVersion }) },
		spec: { ...fieldsOf(live.spec), replicas: fieldsOf(object.spec).replicas ?? 0 },
	};
}

function created(object: KubeObject, { kind, now }: AdmitRequest): KubeObject {
	const { deletionTimestamp: _gone, deletionGracePeriodSeconds: _grace, ...metadata } = object.metadata ?? {};
	const { status: _status, ...rest } = object;
	const fresh = { ...metadata, creationTimestamp: now } as KubeObject["metadata"];
	return { ...(kind.subresources.includes("status") ? rest : object), metadata: fresh };
}

function updated(object: KubeObject, live: KubeObject, { kind, subresource }: AdmitRequest): KubeObject {
	const metadata = keptMetadata(object.metadata, live.metadata);
	if (subresource === "") {
		return kind.subresources.includes("status")
			? withField({ ...object, metadata }, "status", live.status)
			: { ...object, metadata };
	}
	// A subresource writes its own part alone; whose part that is, is told by the managed fields.
	const own: Record<string, unknown> = { ...live.metadata };
	const labelled = kind.kind === "Pod" || kind.kind === "Node" ? ["labels"] : [];
	const alsoOwn = isBuiltin(kind) && subresource === "status" ? ["annotations", ...labelled] : [];
	for (const field of ["resourceVersion", "managedFields", ...alsoOwn]) {
		if (object.metadata[field] === undefined) delete own[field];
		else own[field] = object.metadata[field];
	}
	if (object.metadata.uid !== undefined) own.uid = object.metadata.uid;
	const kept = { ...live, metadata: own as unknown as KubeObject["metadata"] };
	return subresource === "status" ? withField(kept, "status", object.status) : withField(kept, "spec", object.spec);
}

function withField(object: KubeObject, field: string, value: unknown): KubeObject {
	const { [field]: _before, ...rest } = object;
	return (value === undefined ? rest : { ...rest, [field]: value }) as KubeObject;
}

function withSchemaDefaults(object: KubeObject, schema: Schema | undefined): KubeObject {
	return schema === undefined ? object : (withDefaults(object, schema) as KubeObject);
}

const UNASKED =
	"some validation rules were not checked because the object was invalid; correct the existing errors to complete validation";

function customProblems(kind: ServedKind, object: KubeObject, live: KubeObject | undefined, isHidden: boolean) {
	const { schema } = kind;
	if (object.kind !== kind.kind) {
		return { problems: [invalid("kind", object.kind, `must be ${kind.kind}`)], warnings: [] };
	}
	if (schema === undefined) return { problems: [], warnings: [] };
	// The metadata has been checked already, in its own words.
	const { metadata: _own, ...properties } = schema.properties ?? {};
	const bare: Schema = { ...schema, properties };
	const problems = schemaProblems(object, bare, "");
	if (isHidden || problems.some(hidesRules)) {
		return { problems: [...problems, ...(hasRules(schema) ? [invalid("<nil>", null, UNASKED)] : [])], warnings: [] };
	}
	const found = ruleFindings(object, live, schema, "");
	return { problems: [...problems, ...found.problems], warnings: found.warnings };
}

const ruled = new WeakMap<Schema, boolean>();

function hasRules(schema: Schema): boolean {
	let answer = ruled.get(schema);
	if (answer === undefined) {
		const { metadata: _own, ...properties } = schema.properties ?? {};
		const children = [...Object.values(properties), schema.items, schema.additionalProperties];
		answer =
			schema["x-kubernetes-validations"] !== undefined ||
			children.some((child) => typeof child === "object" && hasRules(child));
		ruled.set(schema, answer);
	}
	return answer;
}

/** Built-in kinds whose objects count the changes of what they ask for; all custom resources do. */
const COUNTED = new Set([
	...["Deployment", "ReplicaSet", "StatefulSet", "DaemonSet", "Pod", "Job", "CronJob", "Ingress", "NetworkPolicy"],
	...["PodDisruptionBudget", "EndpointSlice", "CustomResourceDefinition"],
	...["ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding"],
]);

/** Counts what the object asks for: everything but its metadata, and but its status where that is written apart. */
function counted(kind: ServedKind, object: KubeObject, live: KubeObject | undefined): KubeObject {
	const { generation: _said, ...metadata } = object.metadata;
	const counts = !isBuiltin(kind) || COUNTED.has(kind.kind);
	if (!counts) return { ...object, metadata } as KubeObject;
	const before = live?.metadata.generation ?? 0;
	const isOther = live === undefined || !equal(wishOf(kind, object), wishOf(kind, live));
	return { ...object, metadata: { ...metadata, generation: isOther ? before + 1 : before } as KubeObject["metadata"] };
}

function wishOf(kind: ServedKind, { metadata: _metadata, status, ...wish }: KubeObject): unknown {
	return kind.subresources.includes("status") ? wish : { ...wish, status };
}
