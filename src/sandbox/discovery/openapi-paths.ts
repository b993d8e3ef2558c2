import type { Json, KindRef, ServedKind } from "../contract.ts";
import { subresourcesOf, verbsOf } from "./resources.ts";
import { groupVersionOf } from "./versions.ts";

/** What can be asked for by one method at one path, in no version of OpenAPI yet. */
export interface Operation {
	readonly path: string;
	readonly method: "get" | "put" | "post" | "delete" | "patch";
	/** As `x-kubernetes-action` says it. */
	readonly action: string;
	readonly description: string;
	readonly operationId: string;
	readonly kind: KindRef;
	/** Of the query. */
	readonly parameters: readonly Parameter[];
	/** What is sent: an object of the kind, a patch of it, or nothing. */
	readonly sends: "object" | "patch" | undefined;
	/** What is answered. */
	readonly answers: "object" | "list" | "status";
}

export interface Parameter {
	readonly name: string;
	readonly type: "string" | "boolean" | "integer";
	readonly description: string;
}

const dryRun: Parameter = { name: "dryRun", type: "string", description: "With All, nothing is kept." };
const fieldManager: Parameter = {
	name: "fieldManager",
	type: "string",
	description: "Who makes the change, as managedFields says it.",
};
const fieldValidation: Parameter = {
	name: "fieldValidation",
	type: "string",
	description: "What becomes of unknown and repeated fields: Ignore, Warn or Strict.",
};
const force: Parameter = {
	name: "force",
	type: "boolean",
	description: "Takes fields of other managers over; only for apply.",
};
const resourceVersion: Parameter = {
	name: "resourceVersion",
	type: "string",
	description: "How fresh the answer has to be, or where a watch begins.",
};
const deletion: readonly Parameter[] = [
	dryRun,
	{ name: "gracePeriodSeconds", type: "integer", description: "Seconds until the object is gone; 0: at once." },
	{
		name: "propagationPolicy",
		type: "string",
		description: "What becomes of what the object owns: Orphan, Background or Foreground.",
	},
];
const listing: readonly Parameter[] = [
	{ name: "labelSelector", type: "string", description: "Only objects with these labels." },
	{ name: "fieldSelector", type: "string", description: "Only objects with these values of fields." },
	{ name: "limit", type: "integer", description: "How many objects are answered at most." },
	{ name: "continue", type: "string", description: "Where the last answer ended." },
	resourceVersion,
	{ name: "watch", type: "boolean", description: "Tells of changes in place of answering with a list." },
	{ name: "timeoutSeconds", type: "integer", description: "How long a watch goes on at most." },
];
const writing: readonly Parameter[] = [dryRun, fieldManager, fieldValidation];

/** All that can be asked for about a kind. */
export function operationsOf(kind: ServedKind): readonly Operation[] {
	const { group, version } = groupVersionOf(kind.apiVersion);
	const root = group === "" ? `/api/${version}` : `/apis/${group}/${version}`;
	const scope = kind.namespaced ? "/namespaces/{namespace}" : "";
	const collection = `${root}${scope}/${kind.plural}`;
	const one = `${collection}/{name}`;
	const noun = `${tagOf(group, version)}${kind.namespaced ? "Namespaced" : ""}${kind.kind}`;
	const own = { kind, parameters: [], sends: undefined, answers: "object" } as const;

	const create: Operation = {
		...{ ...own, path: collection, method: "post", action: "post", parameters: writing, sends: "object" },
		...{ description: `create a ${kind.kind}`, operationId: `create${noun}` },
	};
	if (!verbsOf(kind).includes("get")) return [create];
	const everywhere: readonly Operation[] = kind.namespaced
		? [
				{
					...{ ...own, path: `${root}/${kind.plural}`, method: "get", action: "list", parameters: listing },
					...{ answers: "list", description: `list or watch objects of kind ${kind.kind}` },
					operationId: `list${tagOf(group, version)}${kind.kind}ForAllNamespaces`,
				},
			]
		: [];
	return [
		...everywhere,
		{
			...{ ...own, path: collection, method: "get", action: "list", parameters: listing, answers: "list" },
			...{ description: `list or watch objects of kind ${kind.kind}`, operationId: `list${noun}` },
		},
		create,
		{
			...{ ...own, path: collection, method: "delete", action: "deletecollection", answers: "status" },
			...{ parameters: [...listing, ...deletion], description: `delete collection of ${kind.kind}` },
			operationId: `deleteCollection${noun}`,
		},
		{
			...{ ...own, path: one, method: "get", action: "get", parameters: [resourceVersion] },
			...{ description: `read the specified ${kind.kind}`, operationId: `read${noun}` },
		},
		...written(one, kind, kind.kind, noun),
		{
			...{ ...own, path: one, method: "delete", action: "delete", parameters: deletion, answers: "status" },
			...{ description: `delete a ${kind.kind}`, operationId: `delete${noun}` },
		},
		...subresourcesOf(kind).flatMap((subresource) => {
			const path = `${one}/${subresource.name}`;
			const what = `${subresource.name} of the specified ${kind.kind}`;
			const id = `${noun}${capitalised(subresource.name)}`;
			const methods: readonly Operation[] = [
				{
					...{ ...own, kind: subresource.kind, path, method: "get", action: "get" },
					...{ description: `read ${what}`, operationId: `read${id}` },
				},
				{
					...{ ...own, kind: subresource.kind, path, method: "post", action: "post", parameters: writing },
					...{ sends: "object", description: `create ${what}`, operationId: `create${id}` },
				},
				...written(path, subresource.kind, what, id),
			];
			return methods.filter(({ action }) => subresource.verbs.includes(verbs[action] ?? action));
		}),
	];
}

const verbs: Readonly<Record<string, string>> = { post: "create", put: "update" };

function written(path: string, kind: KindRef, what: string, noun: string): readonly Operation[] {
	return [
		{
			...{ kind, path, method: "put", action: "put", parameters: writing, sends: "object", answers: "object" },
			...{ description: `replace the specified ${what}`, operationId: `replace${noun}` },
		},
		{
			...{ kind, path, method: "patch", action: "patch", parameters: [...writing, force], sends: "patch" },
			...{ answers: "object", description: `partially update the specified ${what}`, operationId: `patch${noun}` },
		},
	];
}

/** The names in a path's braces, as parameters of OpenAPI are given them. */
export function pathParametersOf(path: string): readonly string[] {
	return [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? "");
}

/** `x-kubernetes-group-version-kind` of an operation. */
export function gvkOf({ apiVersion, kind }: KindRef): Json {
	return { ...groupVersionOf(apiVersion), kind };
}

function tagOf(group: string, version: string): string {
	const name = (group === "" ? "core" : group).replace(/\.k8s\.io$/, "").split(/[.-]/);
	return `${name.map(capitalised).join("")}${capitalised(version)}`;
}

function capitalised(word: string): string {
	return word.charAt(0).toUpperCase() + word.slice(1);
}
