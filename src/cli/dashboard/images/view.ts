import type { ImageRecord } from "../../../api/image-record.ts";
import { byAge, type KubeObject, keyOf } from "../../../domain/kube-object.ts";
import type { ResourceCache } from "../../../kube/cache.ts";
import type { ImageView } from "../../../server/dashboard/ports.ts";
import type { ImageLine } from "../../../server/dashboard/wire.ts";
import { type WorkloadKey, workloadKey, workloadNamed, workloadsNamedBy } from "../../../updater/loop/cluster.ts";
import type { WorkloadKind } from "../../../updater/workload.ts";
import { linesOf } from "./lines.ts";

type Cache = Pick<ResourceCache, "isSynced" | "mayRead" | "list" | "get" | "subscribe" | "synced">;

/** What images are read from. */
export interface ImageCaches {
	readonly workloads: Readonly<Record<WorkloadKind, Cache>>;
	readonly imagePolicies: Cache;
	readonly imageApprovals: Cache;
	readonly canaries: {
		list(): readonly KubeObject[];
		/** Tells each Canary that changed; undefined for one that is gone. */
		subscribe(listener: (canary: KubeObject | undefined) => void): void;
	};
}

/** Resolves once all of them know what there is. */
export async function imagesSynced(caches: ImageCaches): Promise<void> {
	await Promise.all(cachesIn(caches).map(({ synced }) => synced));
}

export interface ImageSource {
	readonly caches: ImageCaches;
	/** What the updater knows of a workload's images beside what is written down. */
	seen(workload: WorkloadKey): readonly ImageRecord[];
	/** Why something is not shown, as sentences. */
	missing(): readonly string[];
}

/** More images than this are not shown at once. */
const LINES_MAX = 2_000;

/** The images of whichever caches are in use: a replica that comes to lead has the updater's. */
export interface SwitchedImageView extends ImageView {
	/** Takes the place of the source before. */
	use(source: ImageSource): void;
	/** Something else than an image changed, such as what is missing. */
	standingChanged(): void;
}

export function imageView(now: () => number): SwitchedImageView {
	const listeners = new Set<(workload: string) => void>();
	/** What was told last, by workload, for as long as somebody listens. */
	const told = new Map<WorkloadKey, string>();
	let current: ImageSource | undefined;
	let isCut = false;

	function of(key: WorkloadKey, related?: Related): readonly ImageLine[] {
		if (current === undefined) return [];
		const { caches, seen } = current;
		const { policies, canaries } = related ?? relatedIn(caches);
		const { kind, namespace, name } = workloadNamed(key);
		return linesOf({
			key,
			workload: caches.workloads[kind]?.get(keyOf({ namespace, name })),
			policies: policies.get(key) ?? [],
			canary: canaries.get(key),
			approvals: caches.imageApprovals.list().filter(({ metadata }) => metadata.namespace === namespace),
			seen: seen(key),
			now: now(),
		});
	}

	/** Tells of a workload if what is said of it is new. */
	function look(key: WorkloadKey): void {
		if (listeners.size === 0) return;
		const lines = of(key);
		const text = lines.length === 0 ? undefined : JSON.stringify(lines);
		if (told.get(key) === text) return;
		if (text === undefined) told.delete(key);
		else told.set(key, text);
		tell(key);
	}

	function tell(key: string): void {
		for (const listener of listeners) listener(key);
	}

	return {
		standing: () => {
			const caches = current && cachesIn(current.caches);
			const cut = isCut
				? [`Only the first ${LINES_MAX} images are shown; --namespace shows those of one namespace`]
				: [];
			return {
				isLoading: caches === undefined || caches.some(({ isSynced }) => !isSynced),
				missing: [...(current?.missing() ?? []), ...cut],
			};
		},
		list() {
			if (current === undefined) return [];
			const related = relatedIn(current.caches);
			const workloads = Object.values(current.caches.workloads).flatMap((cache) => cache.list().map(workloadKey));
			const lines: ImageLine[] = [];
			told.clear();
			isCut = false;
			for (const key of new Set([...workloads, ...related.policies.keys()])) {
				const found = of(key, related);
				if (found.length === 0) continue;
				isCut = lines.length + found.length > LINES_MAX;
				if (isCut) break;
				lines.push(...found);
				told.set(key, JSON.stringify(found));
			}
			return lines;
		},
		of: (workload) => of(workload),
		subscribe(listener) {
			listeners.add(listener);
			return () => {
				listeners.delete(listener);
				if (listeners.size === 0) told.clear();
			};
		},
		standingChanged: () => tell(""),
		use(source) {
			current = source;
			const { workloads, imagePolicies, imageApprovals, canaries } = source.caches;
			const lookAt = (keys: readonly WorkloadKey[]) => {
				if (current === source) for (const key of keys) look(key);
			};
			for (const cache of Object.values(workloads))
				cache.subscribe(({ before, after }) =>
					lookAt([before ?? after].flatMap((one) => (one ? [workloadKey(one)] : []))),
				);
			canaries.subscribe((canary) => lookAt(canary === undefined ? [...told.keys()] : workloadsNamedBy(canary)));
			for (const cache of [imagePolicies, imageApprovals])
				cache.subscribe(({ before, after }) =>
					lookAt([before, after].flatMap((one) => (one ? workloadsNamedBy(one) : []))),
				);
			for (const { synced } of cachesIn(source.caches)) void synced.then(() => tell(""));
			for (const key of new Set([...told.keys(), ...imagePolicies.list().flatMap(workloadsNamedBy)])) look(key);
			tell("");
		},
	};
}

function cachesIn({ workloads, imagePolicies, imageApprovals }: ImageCaches): readonly Cache[] {
	return [...Object.values(workloads), imagePolicies, imageApprovals];
}

interface Related {
	readonly policies: ReadonlyMap<WorkloadKey, readonly KubeObject[]>;
	readonly canaries: ReadonlyMap<WorkloadKey, string>;
}

function relatedIn({ imagePolicies, canaries }: ImageCaches): Related {
	const policies = new Map<WorkloadKey, KubeObject[]>();
	for (const policy of [...imagePolicies.list()].sort(byAge))
		for (const key of workloadsNamedBy(policy)) policies.set(key, [...(policies.get(key) ?? []), policy]);
	const targeted = new Map<WorkloadKey, string>();
	for (const canary of [...canaries.list()].sort(byAge).reverse())
		for (const key of workloadsNamedBy(canary)) targeted.set(key, canary.metadata.name);
	return { policies, canaries: targeted };
}
