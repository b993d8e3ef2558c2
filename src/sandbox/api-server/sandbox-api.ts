import { equal } from "../../domain/contains.ts";
import type { KubeObject, ObjectRef } from "../../domain/kube-object.ts";
import { type Asker, type Json, Refusal, type SandboxApi, type Selection, type WatchEvent } from "../contract.ts";
import { collectionOf, type Kinds, requireKind } from "./kinds.ts";
import { deleteObject } from "./objects/deletion.ts";
import { find, inVersion, type Place, type World } from "./objects/world.ts";
import { create, update, type WriteOptions } from "./objects/writes.ts";
import type { Change } from "./store/history.ts";

/** As the controllers of a real cluster call themselves. */
const asker: Asker = { username: "system:kube-controller-manager", groups: ["system:authenticated"] };
const options: WriteOptions = { asker, manager: "kube-controller-manager", fieldValidation: "Ignore", dryRun: false };

/** The API for the sandbox's own parts, over the same objects and rules as everyone's. */
export function createSandboxApi(world: World): SandboxApi {
	const queue = createQueue();

	return {
		get: (ref) => find(world, placeOf(world.kinds, ref)),
		list(ref, selection) {
			const kind = requireKind(world.kinds, ref);
			const found = world.store.list(collectionOf(kind), selection?.namespace);
			return found.filter((object) => isSelected(object, selection)).map((object) => inVersion(world, object, kind));
		},
		create(object) {
			const kind = requireKind(world.kinds, object);
			const namespace = kind.namespaced ? (object.metadata.namespace ?? "default") : undefined;
			return create(world, { kind, namespace, object }, options).object;
		},
		update(object) {
			const { namespace, name } = object.metadata;
			const ref = { apiVersion: object.apiVersion, kind: object.kind, ...(namespace ? { namespace } : {}), name };
			const target = { ...placeOf(world.kinds, ref), subresource: "" as const, change: () => object };
			return update(world, target, options).object;
		},
		changeStatus(ref, change) {
			const place = placeOf(world.kinds, ref);
			const live = find(world, place);
			if (!live) return undefined;
			const status = change((live.status ?? {}) as Json);
			if (equal(status, live.status ?? {})) return live;
			// What has no status of its own to be written is written whole.
			const subresource = place.kind.subresources.includes("status") ? "status" : "";
			return update(world, { ...place, subresource, change: (present) => ({ ...present, status }) }, options).object;
		},
		patch(ref, patch) {
			const change = (live: KubeObject) => world.rules.mergePatch(live, patch);
			return update(world, { ...placeOf(world.kinds, ref), subresource: "", change }, options).object;
		},
		delete(ref, { uid, propagation, graceSeconds } = {}) {
			const place = placeOf(world.kinds, ref);
			if (!find(world, place)) return;
			deleteObject(world, place, {
				asker,
				...(uid === undefined ? {} : { uid }),
				...(propagation === undefined ? {} : { propagation }),
				...(graceSeconds === undefined ? {} : { graceSeconds }),
			});
		},
		watch(ref, listener) {
			const kind = requireKind(world.kinds, ref);
			let ended = false;
			const tell = (event: WatchEvent) => {
				queue(() => {
					if (!ended) listener(event);
				});
			};
			for (const object of world.store.list(collectionOf(kind))) {
				tell({ type: "ADDED", object: inVersion(world, object, kind) });
			}
			const end = world.store.subscribe(collectionOf(kind), ({ type, object }: Change) =>
				tell({ type, object: inVersion(world, object, kind) }),
			);
			return () => {
				ended = true;
				end();
			};
		},
	};
}

/** Runs jobs in order, after whoever is running now; a job that throws takes nothing from the ones behind it. */
function createQueue(): (job: () => void) => void {
	let jobs: (() => void)[] = [];

	function drain(): void {
		const batch = jobs;
		jobs = [];
		for (let index = 0; index < batch.length; index += 1) {
			try {
				batch[index]?.();
			} catch (error) {
				jobs = [...batch.slice(index + 1), ...jobs];
				if (jobs.length > 0) queueMicrotask(drain);
				throw error;
			}
		}
	}

	return (job) => {
		jobs.push(job);
		if (jobs.length === 1) queueMicrotask(drain);
	};
}

function placeOf(kinds: Kinds, ref: ObjectRef): Place {
	const kind = requireKind(kinds, ref);
	if (!ref.name) throw new Refusal(400, "BadRequest", `a ${ref.kind} must be named`);
	return { kind, namespace: kind.namespaced ? (ref.namespace ?? "default") : undefined, name: ref.name };
}

function isSelected({ metadata }: KubeObject, selection: Selection | undefined): boolean {
	return Object.entries(selection?.labels ?? {}).every(([key, value]) => metadata.labels?.[key] === value);
}
