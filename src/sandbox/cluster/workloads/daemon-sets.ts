import { type KubeObject, keyOf, refOf } from "../../../domain/kube-object.ts";
import { claim } from "../claim.ts";
import { type Controller, namesIn, type Surroundings } from "../controller.ts";
import {
	availableInMs,
	compact,
	controllerOf,
	countOrNone,
	DAEMON_SET,
	isPodActive,
	isPodReady,
	NODE,
	ownedBy,
	POD,
	type Pod,
	selects,
	unnamed,
} from "../kinds.ts";
import { fits } from "../pods/scheduler.ts";
import { type DaemonSet, keepHistory, REVISION_HASH } from "./daemon-history.ts";
import { scaled } from "./rolling-update.ts";

const FROM = "daemonset-controller";

/** Keeps one pod of each DaemonSet on each node that it wants, and replaces them node by node when its template changes. */
export function createDaemonSetController({ api, clock, events }: Surroundings): Controller {
	function work(key: string): number | undefined {
		const set = api.get({ ...DAEMON_SET, ...namesIn(key) }) as DaemonSet | undefined;
		if (set === undefined || set.metadata.deletionTimestamp !== undefined) return undefined;
		const pods = podsOf(set);
		const hash = keepHistory(api, set, new Set(pods.map(hashIn)));
		const nodes = api.list(NODE).filter((node) => fits(node, set.spec.template));
		const names = new Set(nodes.map(({ metadata }) => metadata.name));
		for (const name of names) {
			const [first, ...more] = pods.filter(({ spec }) => spec.nodeName === name).sort(oldestFirst);
			// A pod that is on its way out still has its place.
			if (first === undefined) create(set, name, hash);
			for (const pod of more) if (isPodActive(pod)) remove(set, pod);
		}
		for (const pod of pods) if (isPodActive(pod) && !names.has(pod.spec.nodeName ?? "")) remove(set, pod);
		if (set.spec.updateStrategy?.type !== "OnDelete") replaceOld(set, podsOf(set), hash, names.size);
		return writeStatus(set, podsOf(set).filter(isPodActive), hash, names);
	}

	function podsOf(set: DaemonSet): readonly Pod[] {
		const candidates = api.list(POD, { namespace: set.metadata.namespace ?? "" }) as readonly Pod[];
		return claim({ api, owner: set, ownerKind: DAEMON_SET, selector: set.spec.selector, candidates });
	}

	/** Pods of an older template go: at once when they don't serve, else as many as may be missing. */
	function replaceOld(set: DaemonSet, pods: readonly Pod[], hash: string, wanted: number): void {
		const { maxUnavailable = 1 } = set.spec.updateStrategy?.rollingUpdate ?? {};
		const most = Math.max(1, scaled(maxUnavailable, wanted, Math.ceil));
		const available = pods.filter((pod) => isPodActive(pod) && isAvailable(set, pod));
		const old = pods.filter((pod) => isPodActive(pod) && hashIn(pod) !== hash);
		const idle = old.filter((pod) => !isAvailable(set, pod));
		for (const pod of idle) remove(set, pod);
		const spare = Math.max(0, most - (wanted - available.length));
		for (const pod of old.filter((one) => !idle.includes(one)).slice(0, spare)) remove(set, pod);
	}

	function isAvailable({ spec }: DaemonSet, pod: Pod): boolean {
		return availableInMs(pod, spec.minReadySeconds ?? 0, clock.now()) === 0;
	}

	function create(set: DaemonSet, nodeName: string, hash: string): void {
		const { template } = set.spec;
		const { labels, annotations } = template.metadata ?? {};
		const { name, namespace = "" } = set.metadata;
		const pod = api.create({
			...POD,
			metadata: unnamed({
				generateName: `${name}-`,
				namespace,
				labels: { ...labels, [REVISION_HASH]: hash },
				...(annotations === undefined ? {} : { annotations }),
				ownerReferences: [ownedBy(set, DAEMON_SET)],
			}),
			spec: { ...template.spec, nodeName },
		});
		events(set, { reason: "SuccessfulCreate", message: `Created pod: ${pod.metadata.name}`, from: FROM });
	}

	function remove(set: DaemonSet, pod: Pod): void {
		const { uid = "", name } = pod.metadata;
		api.delete(refOf(pod), { uid, propagation: "Background" });
		events(set, { reason: "SuccessfulDelete", message: `Deleted pod: ${name}`, from: FROM });
	}

	/** Returns in how many milliseconds the next ready pod becomes available. */
	function writeStatus(
		set: DaemonSet,
		pods: readonly Pod[],
		hash: string,
		names: ReadonlySet<string>,
	): number | undefined {
		const placed = pods.filter(({ spec }) => names.has(spec.nodeName ?? ""));
		const waits = placed.map((pod) => availableInMs(pod, set.spec.minReadySeconds ?? 0, clock.now()));
		const available = waits.filter((wait) => wait === 0).length;
		api.changeStatus(refOf(set), (status) =>
			compact({
				...status,
				currentNumberScheduled: placed.length,
				desiredNumberScheduled: names.size,
				numberMisscheduled: pods.length - placed.length,
				numberReady: placed.filter(isPodReady).length,
				numberAvailable: countOrNone(available),
				numberUnavailable: countOrNone(names.size - available),
				updatedNumberScheduled: countOrNone(placed.filter((pod) => hashIn(pod) === hash).length),
				observedGeneration: set.metadata.generation,
			}),
		);
		const ahead = waits.filter((wait) => wait !== undefined && wait > 0) as number[];
		return ahead.length === 0 ? undefined : Math.min(...ahead);
	}

	/** The DaemonSet that manages the object, or those that might adopt it. */
	function ownersOf(object: KubeObject): readonly string[] {
		const { namespace = "", labels } = object.metadata;
		const owner = controllerOf(object);
		if (owner !== undefined) return owner.kind === "DaemonSet" ? [keyOf({ namespace, name: owner.name })] : [];
		const sets = api.list(DAEMON_SET, { namespace }) as readonly DaemonSet[];
		return sets.filter(({ spec }) => selects(spec.selector, labels)).map(({ metadata }) => keyOf(metadata));
	}

	return {
		name: "daemonsets",
		watches: [
			{ kind: DAEMON_SET, keysOf: ({ metadata }) => [keyOf(metadata)] },
			{ kind: POD, keysOf: ownersOf },
			// A node's heartbeats change nothing here, and they are rare.
			{ kind: NODE, keysOf: () => api.list(DAEMON_SET).map(({ metadata }) => keyOf(metadata)) },
		],
		work,
	};
}

function hashIn({ metadata }: Pod): string {
	return metadata.labels?.[REVISION_HASH] ?? "";
}

function oldestFirst(one: Pod, other: Pod): number {
	const [born, otherBorn] = [one.metadata.creationTimestamp ?? "", other.metadata.creationTimestamp ?? ""];
	return born === otherBorn ? (one.metadata.name < other.metadata.name ? -1 : 1) : born < otherBorn ? -1 : 1;
}
