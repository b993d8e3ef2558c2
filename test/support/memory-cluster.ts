import { CanaryStatus } from "../../src/api/canary-status.ts";
import { equal } from "../../src/domain/contains.ts";
import { timestamp } from "../../src/domain/instant.ts";
import { invariant } from "../../src/domain/invariant.ts";
import { describeRef, type KubeObject, keyOf, type ObjectRef, refOf } from "../../src/domain/kube-object.ts";
import { ApiError, FieldConflictError } from "../../src/kube/errors.ts";
import type { Cluster } from "../../src/reconciler/cluster.ts";
import { createControllers } from "./memory-cluster/controllers.ts";
import { refusalOf, withDefaults } from "./memory-cluster/defaults.ts";
import { type Field, fieldAt, fieldsOf, type Path, withField } from "./memory-cluster/fields.ts";
import { frozenJson, isMap, type Json, merged } from "./memory-cluster/json.ts";

/** A write that the operator sent. */
export interface Write {
	readonly verb: "apply" | "merge" | "delete" | "status";
	/** `Deployment shop/cart`. */
	readonly object: string;
	/** Counted from 1, over the life of the cluster. */
	readonly number: number;
}

/** Throws to let a write fail: before anything happens, or when it has been done and only its answer is lost. */
export type Fault = (write: Write, moment: "before" | "after") => void;

export interface MemoryClusterOptions {
	readonly podStartMs?: number;
	readonly routeLagMs?: number;
	/** Groups and the versions of them that are served. */
	readonly served?: Readonly<Record<string, readonly string[]>>;
}

export interface MemoryCluster extends Cluster {
	now(): number;
	/** Runs a call at a moment of virtual time. */
	after(delayMs: number, call: () => void): void;
	/** Lives until then; whatever was planned for the time between happens in its order. */
	advanceTo(instant: number): void;
	/** The moment of what happens next; undefined when nothing will. */
	nextAt(): number | undefined;
	/** Server-side apply by somebody else, by force: `kubectl apply --server-side --force-conflicts`. */
	put(object: KubeObject, manager?: string): KubeObject;
	/** Merge patch by somebody else: `kubectl patch --type=merge`. */
	edit(ref: ObjectRef, patch: object, manager?: string): KubeObject;
	/** Deletion by somebody else: `kubectl delete`. */
	drop(ref: ObjectRef): void;
	get(ref: ObjectRef): KubeObject | undefined;
	all(): readonly KubeObject[];
	/** What the operator has written. */
	readonly writes: readonly Write[];
	fault: Fault | undefined;
	/** Called after each change of an object, whoever made it. */
	onChange: ((object: KubeObject) => void) | undefined;
	/** What keeps route controllers from accepting routes, by name. */
	readonly refusedRoutes: Map<string, string>;
	/** Lets the Deployment's controller say that its progress deadline is exceeded. */
	giveUp(namespace: string, name: string): void;
	/** Writes a Canary's status whatever the schema says. */
	spoilStatus(namespace: string, name: string, status: object): void;
}

const OURS = "haldane";

interface Stored {
	readonly object: KubeObject;
	/** Fields by manager, each by the JSON of its path. */
	readonly owned: ReadonlyMap<string, ReadonlyMap<string, Path>>;
}

/**
 * An API server with a cluster behind it, at the level of whole objects and under virtual time.
 *
 * Guarantees: server-side apply merges maps and keyed lists, replaces atomic ones, takes out what its manager no longer
 * applies and refuses others' fields without force; merge patches; resource versions and generations; status as its own
 * subresource; defaults written out; finalizers, and owner references collected. Objects handed out are frozen.
 * Simulated besides: Deployments become available, routes are accepted.
 */
export function createMemoryCluster({
	podStartMs = 900,
	routeLagMs = 40,
	served = { "gateway.networking.k8s.io": ["v1"], "split.smi-spec.io": ["v1alpha2"] },
}: MemoryClusterOptions = {}): MemoryCluster {
	const store = new Map<string, Stored>();
	const planned: { readonly at: number; readonly number: number; readonly call: () => void }[] = [];
	const writes: Write[] = [];
	const refusedRoutes = new Map<string, string>();
	let now = 1_800_000_000_000;
	let version = 0;
	let count = 0;

	const idOf = ({ kind, namespace, name }: ObjectRef) => `${kind} ${keyOf({ namespace, name })}`;
	const find = (ref: ObjectRef) => store.get(idOf(ref));
	const later = (delayMs: number, call: () => void) => {
		count += 1;
		planned.push({ at: now + delayMs, number: count, call });
		planned.sort((one, other) => one.at - other.at || one.number - other.number);
	};

	/** Keeps the object under a new resource version, unless nothing has changed. */
	function keep(next: KubeObject, owned: Stored["owned"], before: Stored | undefined): KubeObject {
		const ref = refOf(next);
		const complete = frozenJson(withDefaults(next, before === undefined ? store.size + 1 : 0));
		const refusal = refusalOf(complete) ?? immutable(before?.object, complete);
		if (refusal !== undefined) {
			throw new ApiError(`${describeRef(ref)}: is invalid: ${refusal}`, { status: 422, reason: "Invalid" });
		}
		if (before !== undefined && equal(before.object, complete)) {
			store.set(idOf(ref), { object: before.object, owned });
			return before.object;
		}
		version += 1;
		const generation = before?.object.metadata.generation ?? 0;
		const isNewSpec = before === undefined || !equal(before.object.spec, complete.spec);
		const isNewlyDeleted =
			complete.metadata.deletionTimestamp !== undefined && before?.object.metadata.deletionTimestamp === undefined;
		const object = frozenJson({
			...complete,
			metadata: {
				...complete.metadata,
				resourceVersion: String(version),
				generation: generation + (isNewSpec || isNewlyDeleted ? 1 : 0),
			},
		});
		if (object.metadata.deletionTimestamp !== undefined && (object.metadata.finalizers ?? []).length === 0) {
			discard(object);
			return object;
		}
		store.set(idOf(ref), { object, owned });
		changed(object, isNewSpec ? before?.object : object);
		return object;
	}

	function changed(object: KubeObject, before: KubeObject | undefined): void {
		if (before !== object) controllers.specChanged(object, before);
		cluster.onChange?.(object);
	}

	function discard(object: KubeObject): void {
		store.delete(idOf(refOf(object)));
		cluster.onChange?.(object);
		later(1, () => {
			for (const { object: child } of store.values()) {
				const owners = child.metadata.ownerReferences ?? [];
				if (owners.length > 0 && owners.every(({ uid }) => !isAlive(uid))) removeNow(refOf(child), child.metadata.uid);
			}
		});
	}

	function isAlive(uid: string): boolean {
		return [...store.values()].some(({ object }) => object.metadata.uid === uid);
	}

	function created(object: KubeObject): KubeObject {
		count += 1;
		const metadata = { ...object.metadata, uid: `uid-${count}`, creationTimestamp: timestamp(now) };
		return { ...object, metadata };
	}

	function applyAs(manager: string, object: KubeObject, force: boolean): KubeObject {
		const ref = refOf(object);
		const { kind } = object;
		const before = find(ref);
		const { uid, resourceVersion } = object.metadata;
		const known = before?.object.metadata;
		if (
			(uid !== undefined && uid !== known?.uid) ||
			(resourceVersion !== undefined && resourceVersion !== known?.resourceVersion)
		) {
			throw conflict(ref);
		}
		const fields = fieldsOf(kind, JSON.parse(JSON.stringify(object)) as Json);
		const applied = new Map(fields.map(({ path }) => [JSON.stringify(path), path]));
		const rivals = fields.flatMap((field) => rivalsOf(field, before, kind, manager));
		if (rivals.length > 0 && !force) {
			const said = rivals.map(({ rival, path }) => `${path.join(".")} (conflict with "${rival}")`).join(", ");
			throw new FieldConflictError(`${describeRef(ref)}: ${said}`, { status: 409, reason: "Conflict" });
		}
		const { apiVersion, metadata } = object;
		const base: KubeObject = before?.object ?? created({ apiVersion, kind, metadata: namesOf(metadata) });
		const owned = new Map(before?.owned ?? []);
		const dropped = [...(owned.get(manager) ?? [])].filter(([id]) => !applied.has(id));
		owned.set(manager, applied);
		for (const { rival, path } of rivals) owned.set(rival, without(owned.get(rival), JSON.stringify(path)));
		let next: unknown = base;
		for (const field of fields) next = withField(kind, next, field);
		for (const path of removable(dropped, owned)) next = withField(kind, next, { path, value: undefined });
		return keep(next as KubeObject, owned, before);
	}

	/** Others who own the field and hold it at another value. */
	function rivalsOf({ path, value }: Field, before: Stored | undefined, kind: string, manager: string) {
		if (before === undefined || equal(fieldAt(kind, before.object, path), value)) return [];
		return [...before.owned]
			.filter(([owner, paths]) => owner !== manager && paths.has(JSON.stringify(path)))
			.map(([rival]) => ({ rival, path }));
	}

	function mergeAs(manager: string, ref: ObjectRef, patch: object): KubeObject {
		const before = find(ref);
		if (before === undefined) throw notFound(ref);
		const { resourceVersion } = ((patch as { metadata?: Json }).metadata ?? {}) as { resourceVersion?: string };
		if (resourceVersion !== undefined && resourceVersion !== before.object.metadata.resourceVersion) {
			throw conflict(ref);
		}
		const { status } = before.object;
		const next = { ...(merged(before.object, patch) as KubeObject), ...(status === undefined ? {} : { status }) };
		const touched = fieldsOf(ref.kind, stripped(patch)).filter(
			({ path, value }) => !equal(fieldAt(ref.kind, before.object, path), value),
		);
		const owned = new Map(before.owned);
		for (const { path } of touched) {
			for (const [owner, paths] of owned) owned.set(owner, without(paths, JSON.stringify(path)));
		}
		const own = new Map(owned.get(`${manager} (update)`));
		for (const { path } of touched) own.set(JSON.stringify(path), path);
		owned.set(`${manager} (update)`, own);
		return keep(next, owned, before);
	}

	function removeNow(ref: ObjectRef, uid: string | undefined): void {
		const before = find(ref);
		if (before === undefined) return;
		if (uid !== undefined && uid !== before.object.metadata.uid) throw conflict(ref);
		if ((before.object.metadata.finalizers ?? []).length === 0) {
			discard(before.object);
			return;
		}
		if (before.object.metadata.deletionTimestamp !== undefined) return;
		const metadata = { ...before.object.metadata, deletionTimestamp: timestamp(now) };
		keep({ ...before.object, metadata }, before.owned, before);
	}

	function setStatus(ref: ObjectRef, status: object): void {
		const before = find(ref);
		if (before !== undefined) keep({ ...before.object, status }, before.owned, before);
	}

	/** Counts one of the operator's writes, and lets it fail when that is wanted. */
	function write<T>(verb: Write["verb"], ref: ObjectRef, perform: () => T): T {
		const entry = { verb, object: describeRef(ref), number: writes.length + 1 };
		cluster.fault?.(entry, "before");
		const result = perform();
		writes.push(entry);
		cluster.fault?.(entry, "after");
		return result;
	}

	const inNamespace = (kind: string, namespace: string, name: string) =>
		store.get(`${kind} ${namespace}/${name}`)?.object;

	const cluster: MemoryCluster = {
		writes,
		refusedRoutes,
		fault: undefined,
		onChange: undefined,
		now: () => now,
		after: later,
		nextAt: () => planned[0]?.at,
		advanceTo(instant) {
			for (let next = planned[0]; next !== undefined && next.at <= instant; next = planned[0]) {
				planned.shift();
				now = Math.max(now, next.at);
				next.call();
			}
			now = Math.max(now, instant);
		},
		put: (object, manager = "user") => applyAs(manager, object, true),
		edit: (ref, patch, manager = "user") => mergeAs(manager, ref, patch),
		drop: (ref) => removeNow(ref, undefined),
		get: (ref) => find(ref)?.object,
		all: () => [...store.values()].map(({ object }) => object),
		giveUp: (namespace, name) => controllers.giveUp(namespace, name),
		spoilStatus: (namespace, name, status) => setStatus({ apiVersion: "", kind: "Canary", namespace, name }, status),

		canary: (key) => store.get(`Canary ${key}`)?.object,
		canariesOn: (namespace, target) =>
			cluster.all().filter(({ kind, metadata, spec }) => {
				const { targetRef } = (spec ?? {}) as { targetRef?: { name?: unknown } };
				return kind === "Canary" && metadata.namespace === namespace && targetRef?.name === target;
			}),
		deployment: (namespace, name) => inNamespace("Deployment", namespace, name),
		service: (namespace, name) => inNamespace("Service", namespace, name),
		route: (_apiVersion, kind, namespace, name) => inNamespace(kind, namespace, name),
		metricTemplate: (namespace, name) => inNamespace("MetricTemplate", namespace, name),
		alertProvider: (namespace, name) => inNamespace("AlertProvider", namespace, name),
		hasSecret: (namespace, name) => inNamespace("Secret", namespace, name) !== undefined,
		routeVersion: async ({ group }, versions) => {
			const known = versions.find((one) => served[group]?.includes(one));
			return known === undefined ? undefined : `${group}/${known}`;
		},
		apply: async (object, { force }) => write("apply", refOf(object), () => applyAs(OURS, object, force)),
		merge: async (ref, patch) => write("merge", ref, () => mergeAs(OURS, ref, patch)),
		remove: async (ref, uid) => write("delete", ref, () => removeNow(ref, uid)),
		replaceStatus: async (canary) =>
			write("status", refOf(canary), () => {
				const before = find(refOf(canary));
				if (before === undefined) throw notFound(refOf(canary));
				if (before.object.metadata.resourceVersion !== canary.metadata.resourceVersion) throw conflict(refOf(canary));
				const status = JSON.parse(JSON.stringify(canary.status)) as object;
				invariant(equal(CanaryStatus.parse(status), status), "the status has fields that the API server would drop");
				return keep({ ...before.object, status }, before.owned, before);
			}),
	};
	const controllers = createControllers({ cluster, podStartMs, routeLagMs, setStatus });
	return cluster;
}

function namesOf({ name, namespace }: KubeObject["metadata"]): KubeObject["metadata"] {
	return { name, ...(namespace === undefined ? {} : { namespace }) };
}

/** A patch as far as it says values: what it removes belongs to nobody. */
function stripped(patch: object): Json {
	const entries = Object.entries(patch).filter(([, value]) => value !== null && value !== undefined);
	return Object.fromEntries(entries.map(([key, value]) => [key, isMap(value) ? stripped(value) : value]));
}

function without(paths: ReadonlyMap<string, Path> | undefined, id: string): ReadonlyMap<string, Path> {
	const rest = new Map(paths);
	rest.delete(id);
	return rest;
}

/** What of the fields that a manager gave up nobody else owns: the field, or the whole item of a list. */
function removable(dropped: readonly (readonly [string, Path])[], owned: Stored["owned"]): readonly Path[] {
	const kept = [...owned.values()].flatMap((paths) => [...paths.values()]);
	const isKept = (prefix: Path) => kept.some((path) => prefix.every((step, at) => path[at] === step));
	return dropped.flatMap(([, path]) => {
		const item = path.findIndex((step) => step.startsWith("["));
		const prefix = path.slice(0, item + 1);
		if (item >= 0 && !isKept(prefix)) return [prefix];
		return isKept(path) ? [] : [path];
	});
}

function immutable(before: KubeObject | undefined, after: KubeObject): string | undefined {
	const selectorOf = ({ spec }: KubeObject) => (spec as { selector?: unknown } | undefined)?.selector;
	if (before?.kind !== "Deployment" || equal(selectorOf(before), selectorOf(after))) return undefined;
	return "spec.selector: field is immutable";
}

function conflict(ref: ObjectRef): ApiError {
	return new ApiError(`${describeRef(ref)}: the object has been modified`, { status: 409, reason: "Conflict" });
}

function notFound(ref: ObjectRef): ApiError {
	return new ApiError(`${describeRef(ref)}: not found`, { status: 404, reason: "NotFound" });
}
