import { equal } from "../../src/domain/contains.ts";
import { type KubeObject, keyOf, type ObjectRef, refOf } from "../../src/domain/kube-object.ts";
import { type Json, type KindRef, Refusal, type SandboxApi, type WatchEvent } from "../../src/sandbox/contract.ts";

interface Watcher {
	readonly kind: KindRef;
	readonly pending: WatchEvent[];
	readonly listener: (event: WatchEvent) => void;
	isOver: boolean;
}

/**
 * The sandbox's API with nothing behind it but a map: what a test of the cluster needs of an API server (uids, versions,
 * generations, graceful deletion, finalizers, watches), without schemas and defaults.
 */
export function createMemoryApi(now: () => number): SandboxApi & {
	/** Fails the next writes, so many times. */
	failNext(error: Error, times?: number): void;
	/** Makes none of that kind any more, for this reason; without one, makes them again. */
	refuse(kind: string, why?: Error): void;
} {
	const objects = new Map<string, KubeObject>();
	const watchers = new Set<Watcher>();
	const failures: Error[] = [];
	const refused = new Map<string, Error>();
	let version = 0;
	let isTelling = false;

	const idOf = (ref: ObjectRef) => `${ref.apiVersion} ${ref.kind} ${keyOf(ref)}`;
	const time = () => `${new Date(now()).toISOString().slice(0, 19)}Z`;

	function tell(type: WatchEvent["type"], object: KubeObject): void {
		for (const watcher of watchers) {
			if (watcher.kind.apiVersion !== object.apiVersion || watcher.kind.kind !== object.kind) continue;
			watcher.pending.push({ type, object });
		}
		deliverSoon();
	}

	function deliverSoon(): void {
		if (isTelling) return;
		isTelling = true;
		queueMicrotask(() => {
			isTelling = false;
			for (const watcher of watchers) {
				for (const event of watcher.pending.splice(0)) if (!watcher.isOver) watcher.listener(event);
			}
		});
	}

	function write(): void {
		const failure = failures.shift();
		if (failure !== undefined) throw failure;
	}

	function keep(next: KubeObject, before: KubeObject): KubeObject {
		if (equal(next, before)) return before;
		version += 1;
		const isNewSpec = !equal({ ...next, metadata: 0, status: 0 }, { ...before, metadata: 0, status: 0 });
		const metadata = {
			...next.metadata,
			resourceVersion: String(version),
			generation: (before.metadata.generation ?? 1) + (isNewSpec ? 1 : 0),
		};
		const kept = frozen({ ...next, metadata });
		if (isOver(kept)) return discard(kept);
		objects.set(idOf(refOf(kept)), kept);
		tell("MODIFIED", kept);
		return kept;
	}

	function discard(object: KubeObject): KubeObject {
		objects.delete(idOf(refOf(object)));
		tell("DELETED", object);
		return object;
	}

	const existing = (ref: ObjectRef): KubeObject => {
		const found = objects.get(idOf(ref));
		if (found === undefined) throw new Refusal(404, "NotFound", `${ref.kind} "${ref.name}" not found`);
		return found;
	};

	return {
		refuse(kind, why) {
			if (why === undefined) refused.delete(kind);
			else refused.set(kind, why);
		},
		failNext(error, times = 1) {
			for (let time = 0; time < times; time += 1) failures.push(error);
		},
		get: (ref) => objects.get(idOf(ref)),
		list: (kind, { namespace, labels = {} } = {}) =>
			[...objects.values()].filter(
				(object) =>
					object.kind === kind.kind &&
					object.apiVersion === kind.apiVersion &&
					(namespace === undefined || object.metadata.namespace === namespace) &&
					Object.entries(labels).every(([name, value]) => object.metadata.labels?.[name] === value),
			),
		create(object) {
			write();
			const refusal = refused.get(object.kind);
			if (refusal !== undefined) throw refusal;
			version += 1;
			const { generateName } = object.metadata;
			const suffix = version.toString(36).padStart(5, "0");
			const name = object.metadata.name ?? `${generateName}${suffix}`;
			const ref = refOf({ ...object, metadata: { ...object.metadata, name } });
			if (objects.has(idOf(ref))) throw new Refusal(409, "AlreadyExists", `${ref.kind} "${name}" already exists`);
			const metadata = {
				...object.metadata,
				name,
				uid: `uid-${version}`,
				resourceVersion: String(version),
				generation: 1,
				creationTimestamp: time(),
			};
			const isNamespace = object.kind === "Namespace";
			const spec = isNamespace ? { spec: { finalizers: ["kubernetes"] } } : {};
			const created = frozen({ ...object, ...spec, metadata } as KubeObject);
			objects.set(idOf(ref), created);
			tell("ADDED", created);
			return created;
		},
		update(object) {
			write();
			const before = existing(refOf(object));
			const { resourceVersion } = object.metadata;
			if (resourceVersion !== undefined && resourceVersion !== before.metadata.resourceVersion) throw conflict(object);
			return keep({ ...object, status: before.status }, before);
		},
		changeStatus(ref, change) {
			write();
			const before = objects.get(idOf(ref));
			if (before === undefined) return undefined;
			return keep({ ...before, status: change((before.status ?? {}) as Json) }, before);
		},
		patch(ref, patch) {
			write();
			const before = existing(ref);
			const { resourceVersion, uid } = (patch.metadata ?? {}) as Json;
			const isOther = resourceVersion !== undefined && resourceVersion !== before.metadata.resourceVersion;
			if (isOther || (uid !== undefined && uid !== before.metadata.uid)) throw conflict(before);
			const next = merged(before, patch) as KubeObject;
			return keep({ ...next, ...(before.status === undefined ? {} : { status: before.status }) }, before);
		},
		delete(ref, { uid, propagation, graceSeconds } = {}) {
			write();
			const before = objects.get(idOf(ref));
			if (before === undefined) return;
			if (uid !== undefined && uid !== before.metadata.uid) throw conflict(before);
			const finalizers = new Set(before.metadata.finalizers ?? []);
			if (propagation === "Foreground") finalizers.add("foregroundDeletion");
			if (propagation === "Orphan") finalizers.add("orphan");
			const isGraceful = before.kind === "Pod" && graceSeconds !== 0 && (before.spec as Json).nodeName !== undefined;
			const metadata = {
				...before.metadata,
				deletionTimestamp: before.metadata.deletionTimestamp ?? time(),
				deletionGracePeriodSeconds: isGraceful ? (graceSeconds ?? 30) : 0,
				...(finalizers.size === 0 ? {} : { finalizers: [...finalizers] }),
			};
			const next = { ...before, metadata };
			if (isOver(next)) discard(next);
			else keep(next, before);
		},
		watch(kind, listener) {
			const watcher: Watcher = { kind, pending: [], listener, isOver: false };
			for (const object of this.list(kind)) watcher.pending.push({ type: "ADDED", object });
			watchers.add(watcher);
			deliverSoon();
			return () => {
				watcher.isOver = true;
				watchers.delete(watcher);
			};
		},
	};
}

/** On its way out, and nothing holds it any more. */
function isOver({ kind, metadata, spec }: KubeObject): boolean {
	if (metadata.deletionTimestamp === undefined || (metadata.finalizers ?? []).length > 0) return false;
	if (kind === "Namespace") return ((spec as { finalizers?: readonly string[] }).finalizers ?? []).length === 0;
	return kind !== "Pod" || metadata.deletionGracePeriodSeconds === 0;
}

function merged(before: unknown, patch: unknown): unknown {
	if (typeof patch !== "object" || patch === null || Array.isArray(patch)) return patch;
	const isMap = typeof before === "object" && before !== null && !Array.isArray(before);
	const next: Record<string, unknown> = isMap ? { ...before } : {};
	for (const [name, value] of Object.entries(patch)) {
		if (value === null) delete next[name];
		else if (value !== undefined) next[name] = merged(next[name], value);
	}
	return next;
}

function conflict({ kind, metadata: { name } }: KubeObject): Refusal {
	return new Refusal(409, "Conflict", `${kind} "${name}": the object has been modified`);
}

/** A copy that nobody can change in place. */
function frozen<T>(value: T): T {
	const copy = structuredClone(value);
	const freeze = (one: unknown): void => {
		if (typeof one !== "object" || one === null) return;
		Object.freeze(one);
		for (const field of Object.values(one)) freeze(field);
	};
	freeze(copy);
	return copy;
}
