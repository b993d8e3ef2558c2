import { stringify } from "yaml";
import { z } from "zod";
import { invariant } from "../domain/invariant.ts";
import type { KubeObject } from "../domain/kube-object.ts";
import { AlertProviderSpec } from "./alert-provider.ts";
import { API_GROUP, CanarySpec } from "./canary.ts";
import { CanaryStatus } from "./canary-status.ts";
import { ImageApprovalSpec } from "./image-approval.ts";
import { ImagePolicySpec, ImagePolicyStatus } from "./image-policy.ts";
import { MetricTemplateSpec } from "./metric-template.ts";

/** A node of a structural schema: the part of OpenAPI 3.0 that custom resources may be described with. */
export type SchemaNode = { readonly [keyword: string]: unknown };

/** The custom resources as the API server is told of them, made from the same schemas that read them. Pure. */
export function customResourceDefinitions(): KubeObject[] {
	return [
		definition({
			kind: "Canary",
			plural: "canaries",
			shortNames: ["cny"],
			description: "A workload whose new revisions are tested on some of its traffic before they get all of it.",
			spec: structuralSchema(CanarySpec),
			status: statusSchema(structuralSchema(CanaryStatus), "Canary"),
			columns: [
				column("Status", "string", ".status.phase"),
				column("Weight", "integer", ".status.canaryWeight"),
				column("Ready", "string", '.status.conditions[?(@.type=="Ready")].status'),
				column("LastTransition", "date", ".status.lastTransitionTime"),
				column("Age", "date", ".metadata.creationTimestamp"),
				wide("Message", "string", '.status.conditions[?(@.type=="Ready")].message'),
				wide("Suspended", "boolean", ".spec.suspend"),
				wide("Paused", "boolean", ".spec.paused"),
				wide("FailedChecks", "integer", ".status.failedChecks"),
				wide("Interval", "string", ".spec.analysis.interval"),
				wide("Mirror", "boolean", ".spec.analysis.mirror"),
				wide("StepWeight", "integer", ".spec.analysis.stepWeight"),
				wide("StepWeights", "string", ".spec.analysis.stepWeights"),
				wide("MaxWeight", "integer", ".spec.analysis.maxWeight"),
			],
		}),
		definition({
			kind: "MetricTemplate",
			plural: "metrictemplates",
			description: "A query that Canaries share: where it is sent, and what it says.",
			spec: structuralSchema(MetricTemplateSpec),
			columns: [
				column("Provider", "string", ".spec.provider.type"),
				column("Age", "date", ".metadata.creationTimestamp"),
			],
		}),
		definition({
			kind: "AlertProvider",
			plural: "alertproviders",
			description: "Somewhere that messages about Canaries are sent to.",
			spec: structuralSchema(AlertProviderSpec),
			columns: [column("Type", "string", ".spec.type"), column("Age", "date", ".metadata.creationTimestamp")],
		}),
		definition({
			kind: "ImagePolicy",
			plural: "imagepolicies",
			shortNames: ["imgp"],
			description: "How images of one workload are kept up to date: which tags are chosen, when, and by whose leave.",
			spec: structuralSchema(ImagePolicySpec),
			status: statusSchema(structuralSchema(ImagePolicyStatus), "ImagePolicy"),
			columns: [
				column("Target", "string", ".spec.targetRef.name"),
				column("Chosen", "string", ".status.images[0].chosen.tag"),
				column("State", "string", ".status.images[0].chosen.state"),
				column("Ready", "string", '.status.conditions[?(@.type=="Ready")].status'),
				column("LastScan", "date", ".status.lastScan"),
				column("Age", "date", ".metadata.creationTimestamp"),
				wide("Message", "string", '.status.conditions[?(@.type=="Ready")].message'),
				wide("Schedule", "string", ".spec.schedule"),
				wide("Suspended", "boolean", ".spec.suspend"),
			],
		}),
		definition({
			kind: "ImageApproval",
			plural: "imageapprovals",
			description: "What one person says about one image for one workload. It can't be changed.",
			spec: structuralSchema(ImageApprovalSpec),
			columns: [
				column("Image", "string", ".spec.image"),
				column("Decision", "string", ".spec.decision"),
				column("User", "string", ".spec.user"),
				column("Age", "date", ".metadata.creationTimestamp"),
				wide("Workload", "string", ".spec.workload.name"),
				wide("Comment", "string", ".spec.comment"),
			],
		}),
	];
}

/** The same as files of `crds/`: name to text. `npm run generate` writes them, and a test holds them against this. */
export function customResourceDefinitionFiles(): ReadonlyMap<string, string> {
	return new Map(
		customResourceDefinitions().map((crd) => [
			`${crd.metadata.name.split(".")[0]}.yaml`,
			`# Made from src/api by \`npm run generate\`; edit it there.\n${stringify(crd, { lineWidth: 120, aliasDuplicateObjects: false })}`,
		]),
	);
}

/**
 * The status has one writer and is replaced as a whole, so its fields have no owners of their own: that spares the API
 * server a fifth of the work of a write, and the object a quarter of its size.
 */
function statusSchema(status: SchemaNode, kind: string): SchemaNode {
	return { ...status, description: `What is believed about the ${kind}.`, "x-kubernetes-map-type": "atomic" };
}

interface Column {
	readonly name: string;
	readonly type: "string" | "integer" | "boolean" | "date";
	readonly jsonPath: string;
	readonly priority?: 1;
}

function column(name: string, type: Column["type"], jsonPath: string): Column {
	return { name, type, jsonPath };
}

/** A column of `kubectl get -o wide`. */
function wide(name: string, type: Column["type"], jsonPath: string): Column {
	return { name, type, jsonPath, priority: 1 };
}

interface Resource {
	readonly kind: string;
	readonly plural: string;
	readonly shortNames?: readonly string[];
	readonly description: string;
	readonly spec: SchemaNode;
	readonly status?: SchemaNode;
	readonly columns: readonly Column[];
}

function definition({ kind, plural, shortNames, description, spec, status, columns }: Resource): KubeObject {
	const schema = {
		description,
		type: "object",
		required: ["spec"],
		properties: {
			apiVersion: { description: "Group and version of this object.", type: "string" },
			kind: { description: "Kind of this object.", type: "string" },
			metadata: { type: "object" },
			spec,
			...(status && { status }),
		},
	};
	return {
		apiVersion: "apiextensions.k8s.io/v1",
		kind: "CustomResourceDefinition",
		metadata: {
			name: `${plural}.${API_GROUP}`,
			// Uninstalling the chart must not take every rollout of the cluster with it.
			annotations: { "helm.sh/resource-policy": "keep" },
		},
		spec: {
			group: API_GROUP,
			scope: "Namespaced",
			names: {
				kind,
				listKind: `${kind}List`,
				plural,
				singular: kind.toLowerCase(),
				...(shortNames && { shortNames }),
				categories: ["all", "haldane"],
			},
			versions: [
				{
					name: "v1beta1",
					served: true,
					storage: true,
					schema: { openAPIV3Schema: schema },
					...(status && { subresources: { status: {} } }),
					additionalPrinterColumns: columns,
				},
			],
		},
	};
}

/** What a node may say, in the order in which it is written. */
const KEYWORDS = [
	"description",
	"type",
	"x-kubernetes-int-or-string",
	"format",
	"enum",
	"default",
	"pattern",
	"minLength",
	"maxLength",
	"minimum",
	"maximum",
	"minItems",
	"maxItems",
	"maxProperties",
	"x-kubernetes-list-type",
	"x-kubernetes-list-map-keys",
	"x-kubernetes-validations",
	"required",
	"properties",
	"additionalProperties",
	"items",
] as const;

/** A schema of zod's as a structural one; what has no structural form is refused by name. */
export function structuralSchema(schema: z.ZodType): SchemaNode {
	return structural(z.toJSONSchema(schema, { target: "openapi-3.0", io: "input" }) as SchemaNode, "");
}

function structural(given: SchemaNode, path: string): SchemaNode {
	const { $schema: _dialect, propertyNames: _texts, ...rest } = given;
	const node: Record<string, unknown> = rest;
	// A union has no structural form; this one has a keyword of its own.
	if (node["x-kubernetes-int-or-string"] === true) delete node.anyOf;
	// A closed object is pruned by the API server, which is what its users expect.
	if (node.additionalProperties === false) delete node.additionalProperties;
	if (node.type === "integer") unbound(node);
	if (typeof node.pattern === "string") node.pattern = node.pattern.replaceAll("\\/", "/");

	const { properties, additionalProperties, items } = node as Record<string, SchemaNode | undefined>;
	if (properties !== undefined) {
		node.properties = Object.fromEntries(
			Object.entries(properties).map(([name, child]) => [name, structural(child as SchemaNode, `${path}.${name}`)]),
		);
	}
	if (additionalProperties !== undefined) node.additionalProperties = structural(additionalProperties, `${path}.*`);
	if (items !== undefined) node.items = structural(items, `${path}[]`);

	const unknown = Object.keys(node).filter((keyword) => !(KEYWORDS as readonly string[]).includes(keyword));
	invariant(unknown.length === 0, `schema ${path || "root"} says ${unknown.join(", ")}, which is not structural`);
	const inOrder = KEYWORDS.filter((keyword) => !isEmpty(node[keyword])).map((keyword) => [keyword, node[keyword]]);
	return Object.fromEntries(inOrder);
}

/** Takes off the bounds that only say what a number of JavaScript can hold. */
function unbound(node: Record<string, unknown>): void {
	if (node.minimum === Number.MIN_SAFE_INTEGER) delete node.minimum;
	if (node.maximum === Number.MAX_SAFE_INTEGER) delete node.maximum;
	if (node.minimum === undefined && node.maximum === undefined) node.format = "int64";
}

function isEmpty(value: unknown): boolean {
	return value === undefined || (Array.isArray(value) && value.length === 0);
}
