import { isDeepStrictEqual } from "node:util";
import type { Notice } from "../../../../src/api/canary-status.ts";
import { ImagePolicyStatus } from "../../../../src/api/image-policy.ts";
import { type ImageRecord, RECORD_ANNOTATION, recordsOn } from "../../../../src/api/image-record.ts";
import type { KubeObject } from "../../../../src/domain/kube-object.ts";
import { ApiError } from "../../../../src/kube/errors.ts";
import type { UpdaterCluster } from "../../../../src/updater/loop/cluster.ts";
import { NOTICES_ANNOTATION } from "../../../../src/updater/loop/notices.ts";
import { imagePatch, imagesOf, type WorkloadImage } from "../../../../src/updater/workload.ts";
import type { FakeClock } from "../../fake-clock.ts";

/** The process died; whoever comes after knows what the cluster knows. */
export class Crashed extends Error {}

/** What becomes of one write. */
export type Fate = "done" | "conflict" | "refused" | "lost" | "late" | "diesBefore" | "diesAfter";

/** Held against the laws before it is done. */
export interface Witness {
	images(workload: KubeObject, images: readonly WorkloadImage[]): void;
	records(before: readonly ImageRecord[], after: readonly ImageRecord[]): void;
	changed(before: KubeObject, after: KubeObject): void;
	noted(notices: readonly Notice[]): void;
}

const NAMESPACE = "shop";
export type ObjectId = `${string}/${string}`;

/** Objects as the API server has them, and as the updater's caches do, which come to know of changes later. */
export class ModelCluster {
	readonly objects = new Map<ObjectId, KubeObject>();
	readonly cached = new Map<ObjectId, KubeObject>();
	readonly clock: FakeClock;
	witness: Witness | undefined;
	writes = 0;
	/** How late the caches learn of a change that is not the updater's own. */
	lagMs: () => number = () => 0;
	fate: () => Fate = () => "done";
	/** Called when something was written, by whomever. */
	stored: (id: ObjectId) => void = () => {};
	/** Called when the updater's caches know of a change. */
	noticed: (id: ObjectId) => void = () => {};
	#version = 0;

	constructor(clock: FakeClock) {
		this.clock = clock;
	}

	get(id: ObjectId): KubeObject | undefined {
		return this.objects.get(id);
	}

	/** Somebody writes it; `undefined` takes it away. */
	put(id: ObjectId, object: KubeObject | undefined): void {
		this.#keep(id, object);
		this.clock.after(this.lagMs(), () => this.catchUp(id));
	}

	catchUp(id: ObjectId): void {
		const now = this.objects.get(id);
		if (this.cached.get(id) === now) return;
		if (now === undefined) this.cached.delete(id);
		else this.cached.set(id, now);
		this.noticed(id);
	}

	/** As a process that has just begun reads it. */
	readAnew(): void {
		this.cached.clear();
		for (const [id, object] of this.objects) this.cached.set(id, object);
	}

	#keep(id: ObjectId, object: KubeObject | undefined): KubeObject | undefined {
		if (object === undefined) {
			this.objects.delete(id);
			return undefined;
		}
		const before = this.objects.get(id);
		this.#version += 1;
		const isNewSpec = JSON.stringify(before?.spec) !== JSON.stringify(object.spec);
		const kept = JSON.parse(
			JSON.stringify({
				...object,
				metadata: {
					...object.metadata,
					resourceVersion: String(this.#version),
					generation: (before?.metadata.generation ?? 0) + (isNewSpec ? 1 : 0),
				},
			}),
		) as KubeObject;
		this.objects.set(id, kept);
		this.stored(id);
		return kept;
	}

	/** The cluster as one process sees it, until that is dead. */
	port(process: { isAlive: boolean }, die: () => void): UpdaterCluster {
		const list = (kind: string) =>
			[...this.cached].filter(([id]) => id.startsWith(`${kind}/`)).map(([, object]) => object);
		const pause = (ms: number) => new Promise<void>((resolve) => this.clock.after(ms, resolve));
		const write = async (id: ObjectId, perform: () => KubeObject): Promise<KubeObject> => {
			if (!process.isAlive) throw new Crashed();
			const fate = this.fate();
			const dies = () => {
				die();
				throw new Crashed();
			};
			if (fate === "diesBefore") dies();
			if (fate === "conflict") throw new ApiError("changed meanwhile", { status: 409, reason: "Conflict" });
			if (fate === "refused") throw new ApiError("overloaded", { status: 500, reason: "InternalError" });
			if (fate === "late") await pause(3_000);
			if (!process.isAlive) throw new Crashed();
			const after = this.#keep(id, perform()) as KubeObject;
			this.writes += 1;
			if (fate === "diesAfter") dies();
			if (fate === "lost") {
				this.clock.after(this.lagMs(), () => this.catchUp(id));
				throw new ApiError("no answer", { status: 0, reason: "Unreachable" });
			}
			if (fate === "late") await pause(3_000);
			this.cached.set(id, after);
			this.clock.after(0, () => this.noticed(id));
			return after;
		};
		const current = (id: ObjectId, version?: string): KubeObject => {
			const object = this.objects.get(id);
			if (object === undefined) throw new ApiError("not found", { status: 404, reason: "NotFound" });
			if (version !== undefined && object.metadata.resourceVersion !== version)
				throw new ApiError("changed meanwhile", { status: 409, reason: "Conflict" });
			return object;
		};
		return {
			workload: ({ kind, name }) => this.cached.get(`${kind}/${name}`),
			policiesOn: ({ kind, name }) =>
				list("ImagePolicy").filter(({ spec }) => {
					const { targetRef } = spec as { readonly targetRef?: { readonly kind: string; readonly name: string } };
					return targetRef?.kind === kind && targetRef.name === name;
				}),
			canaryOn: ({ kind, name }) => (kind === "Deployment" ? this.cached.get(`Canary/${name}`) : undefined),
			primaryOf: (canary) => this.cached.get(`Deployment/${canary.metadata.name}-primary`),
			approvals: (_namespace, digest) =>
				list("ImageApproval").filter(({ spec }) => (spec as { readonly digest?: string }).digest === digest),
			nodePlatforms: () => [],
			isInScope: () => true,
			credentials: async () => ({ credentials: [], problems: [] }),
			replaceStatus: (policy) => {
				const id: ObjectId = `ImagePolicy/${policy.metadata.name}`;
				return write(id, () => {
					const before = current(id, policy.metadata.resourceVersion);
					const status: unknown = JSON.parse(JSON.stringify(policy.status));
					const read = ImagePolicyStatus.safeParse(status);
					if (!read.success || !isDeepStrictEqual(read.data, status))
						throw new Error(`a status that the API server does not take: ${read.error ?? JSON.stringify(status)}`);
					this.witness?.records(recordsOf(before), read.data.images ?? []);
					this.witness?.noted(read.data.notices ?? []);
					return { ...before, status: policy.status };
				});
			},
			annotate: (workload, annotations) => {
				const id: ObjectId = `${workload.kind}/${workload.metadata.name}`;
				return write(id, () => {
					const before = current(id, workload.metadata.resourceVersion);
					const merged = Object.entries({ ...before.metadata.annotations, ...annotations });
					const after: KubeObject = {
						...before,
						metadata: {
							...before.metadata,
							annotations: Object.fromEntries(merged.filter((entry): entry is [string, string] => entry[1] !== null)),
						},
					};
					this.witness?.records(recordsOf(before), recordsOf(after));
					this.witness?.noted(JSON.parse(after.metadata.annotations?.[NOTICES_ANNOTATION] ?? "[]") as Notice[]);
					return after;
				});
			},
			writeImages: (workload, images, changeCause) => {
				const id: ObjectId = `${workload.kind}/${workload.metadata.name}`;
				// What holds when it is sent may have changed when it comes.
				if (process.isAlive) this.witness?.images(workload, images);
				return write(id, () => {
					const before = current(id);
					const after = applied(before, imagePatch(before, images, { changeCause }));
					this.witness?.changed(before, after);
					return after;
				});
			},
		};
	}
}

interface Pod {
	readonly containers?: readonly Named[];
	readonly initContainers?: readonly Named[];
}

interface Named {
	readonly name: string;
}

/** A server-side apply of nothing but a pod's images and annotations. */
function applied(live: KubeObject, patch: KubeObject): KubeObject {
	const podOf = ({ spec }: KubeObject) => (spec as { readonly template: { readonly spec: Pod } }).template;
	const { spec: pod } = podOf(live);
	const { spec: said } = podOf(patch);
	const merge = (list: readonly Named[] = [], changes: readonly Named[] = []) =>
		list.map((item) => ({ ...item, ...changes.find(({ name }) => name === item.name) }));
	return {
		...live,
		metadata: { ...live.metadata, annotations: { ...live.metadata.annotations, ...patch.metadata.annotations } },
		spec: {
			...(live.spec as object),
			template: {
				...podOf(live),
				spec: {
					...pod,
					containers: merge(pod.containers, said.containers),
					...(pod.initContainers && { initContainers: merge(pod.initContainers, said.initContainers) }),
				},
			},
		},
	};
}

/** What is recorded on a workload or in a policy. */
export function recordsOf(object: KubeObject | undefined): readonly ImageRecord[] {
	if (object === undefined) return [];
	if (object.kind === "ImagePolicy") return (object.status as ImagePolicyStatus | undefined)?.images ?? [];
	const read = recordsOn(object);
	if (!read.ok) throw new Error(`${RECORD_ANNOTATION} cannot be read: ${read.problems.join()}`);
	return read.records;
}

export function imageOf(workload: KubeObject | undefined, container: string): string {
	const found = workload && imagesOf(workload).find(({ name }) => name === container);
	if (found === undefined) throw new Error(`there is no ${container}`);
	return found.image;
}

/** The workload as somebody else edits it. */
export function edited(workload: KubeObject, change: { readonly [field: string]: unknown }): KubeObject {
	return { ...workload, spec: { ...(workload.spec as object), ...change } };
}

export function deployment(name: string, images: Readonly<Record<string, string>>, annotations = {}): KubeObject {
	return {
		apiVersion: "apps/v1",
		kind: "Deployment",
		metadata: { name, namespace: NAMESPACE, annotations },
		spec: {
			replicas: 2,
			selector: { matchLabels: { app: name } },
			template: {
				metadata: { labels: { app: name } },
				spec: {
					containers: Object.entries(images).map(([container, image]) => ({
						name: container,
						image,
						env: [{ name: "LEVEL", value: "0" }],
					})),
				},
			},
		},
	};
}
