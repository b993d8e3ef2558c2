import { keyOf, refOf } from "../../../domain/kube-object.ts";
import { Refusal } from "../../contract.ts";
import { claim } from "../claim.ts";
import { timeText } from "../clock.ts";
import { type Controller, namesIn, type Surroundings } from "../controller.ts";
import {
	availableInMs,
	type Condition,
	compact,
	conditionOf,
	controllerOf,
	countOrNone,
	isPodActive,
	isPodReady,
	NAMESPACE,
	ownedBy,
	POD,
	type Pod,
	REPLICA_SET,
	type ReplicaSet,
	type Template,
	unnamed,
	withCondition,
} from "../kinds.ts";
import { isGone } from "../queue.ts";

const FROM = "replicaset-controller";
const FAILURE = "ReplicaFailure";

/** Pods written in one go; the rest follows when these have been seen. */
const BURST = 50;
const NO_PLACE_MS = 1_000;

/** Keeps as many pods of a template as a ReplicaSet asks for. */
export function createReplicaSetController({ api, clock, events, podsMax }: Surroundings): Controller {
	function work(key: string): number | undefined {
		const set = api.get({ ...REPLICA_SET, ...namesIn(key) }) as ReplicaSet | undefined;
		if (set === undefined) return undefined;
		const { namespace = "" } = set.metadata;
		let pods = claimed(set);
		let refusal: string | undefined;
		if (set.metadata.deletionTimestamp === undefined) {
			const missing = (set.spec.replicas ?? 1) - pods.length;
			const places = podsMax - api.list(POD).length;
			if (missing > 0) refusal = grow(set, Math.min(missing, BURST, places));
			if (missing > places) tellOfNoPlace(set);
			if (missing < 0) shrink(set, pods, Math.min(-missing, BURST));
			if (missing !== 0) pods = claimed(set);
		}
		const nextAvailableMs = writeStatus(set, pods, { namespace, refusal });
		// When pods of others go, that wakes nobody here.
		const isShort = pods.length < (set.spec.replicas ?? 1) && set.metadata.deletionTimestamp === undefined;
		return isShort ? NO_PLACE_MS : nextAvailableMs;
	}

	function tellOfNoPlace(set: ReplicaSet): void {
		const message = `Error creating: the sandbox has no more than ${podsMax} pods`;
		events(set, { type: "Warning", reason: "FailedCreate", message, from: FROM });
	}

	function claimed(set: ReplicaSet): readonly Pod[] {
		const namespace = set.metadata.namespace ?? "";
		const { selector } = set.spec;
		// Labels that must be equal can be looked up; whatever else the selector says is looked at here.
		const candidates = api.list(POD, { namespace }) as readonly Pod[];
		const active = candidates.filter(isPodActive);
		return claim({ api, owner: set, ownerKind: REPLICA_SET, selector, candidates: active });
	}

	/** Returns why the API server takes no more pods, if it does not. */
	function grow(set: ReplicaSet, count: number): string | undefined {
		const home = api.get({ ...NAMESPACE, name: set.metadata.namespace ?? "" });
		if (home?.metadata.deletionTimestamp !== undefined) return undefined;
		try {
			for (let made = 0; made < count; made += 1) {
				const pod = api.create(podFrom(set, set.spec.template, `${set.metadata.name}-`));
				events(set, { reason: "SuccessfulCreate", message: `Created pod: ${pod.metadata.name}`, from: FROM });
			}
		} catch (error) {
			if (!(error instanceof Refusal)) throw error;
			// Once, for each try has another name in its message and would be another event.
			if (conditionOf(set.status?.conditions, FAILURE) === undefined) {
				const message = `Error creating: ${error.message}`;
				events(set, { type: "Warning", reason: "FailedCreate", message, from: FROM });
			}
			return error.message;
		}
		return undefined;
	}

	function podFrom({ metadata, ...rest }: ReplicaSet, template: Template, generateName: string): Pod {
		const { labels, annotations } = template.metadata ?? {};
		return {
			...POD,
			metadata: unnamed({
				generateName,
				...(metadata.namespace === undefined ? {} : { namespace: metadata.namespace }),
				...(labels === undefined ? {} : { labels }),
				...(annotations === undefined ? {} : { annotations }),
				ownerReferences: [ownedBy({ ...rest, metadata }, REPLICA_SET)],
			}),
			spec: template.spec,
		};
	}

	function shrink(set: ReplicaSet, pods: readonly Pod[], count: number): void {
		for (const pod of [...pods].sort(leastMissedFirst).slice(0, count)) {
			const { name, uid } = pod.metadata;
			try {
				api.delete(refOf(pod), { ...(uid === undefined ? {} : { uid }), propagation: "Background" });
			} catch (error) {
				if (isGone(error)) continue;
				throw error;
			}
			events(set, { reason: "SuccessfulDelete", message: `Deleted pod: ${name}`, from: FROM });
		}
	}

	/** Returns in how many milliseconds the next ready pod becomes available. */
	function writeStatus(
		set: ReplicaSet,
		pods: readonly Pod[],
		{ namespace, refusal }: { readonly namespace: string; readonly refusal: string | undefined },
	): number | undefined {
		const { minReadySeconds = 0, template } = set.spec;
		const waits = pods.map((pod) => availableInMs(pod, minReadySeconds, clock.now()));
		const labels = Object.entries(template.metadata?.labels ?? {});
		const isFullyLabeled = ({ metadata }: Pod) => labels.every(([name, value]) => metadata.labels?.[name] === value);
		api.changeStatus({ ...REPLICA_SET, namespace, name: set.metadata.name }, (status) =>
			compact({
				...status,
				replicas: pods.length,
				fullyLabeledReplicas: countOrNone(pods.filter(isFullyLabeled).length),
				readyReplicas: countOrNone(pods.filter(isPodReady).length),
				availableReplicas: countOrNone(waits.filter((wait) => wait === 0).length),
				observedGeneration: set.metadata.generation,
				conditions: conditionsAfter(status.conditions as readonly Condition[] | undefined, refusal),
			}),
		);
		const ahead = waits.filter((wait) => wait !== undefined && wait > 0) as number[];
		return ahead.length === 0 ? undefined : Math.min(...ahead);
	}

	/** A failure is told in the words of its first time, until there is none. */
	function conditionsAfter(before: readonly Condition[] = [], refusal: string | undefined) {
		const others = before.filter(({ type }) => type !== FAILURE);
		if (refusal === undefined) return others.length === 0 ? undefined : others;
		if (others.length < before.length) return before;
		const failure = { type: FAILURE, status: "True", reason: "FailedCreate", message: refusal } as const;
		return withCondition(others, failure, timeText(clock.now()));
	}

	return {
		name: "replicasets",
		watches: [
			{ kind: REPLICA_SET, keysOf: ({ metadata }) => [keyOf(metadata)] },
			{ kind: POD, keysOf: (pod) => ownersOf(pod as Pod) },
		],
		work,
	};

	/** The ReplicaSet that manages the pod, or those that might adopt it. */
	function ownersOf(pod: Pod): readonly string[] {
		const { namespace = "" } = pod.metadata;
		const owner = controllerOf(pod);
		if (owner !== undefined) return owner.kind === "ReplicaSet" ? [keyOf({ namespace, name: owner.name })] : [];
		const sets = api.list(REPLICA_SET, { namespace }) as readonly ReplicaSet[];
		return sets.filter((set) => mightAdopt(set, pod)).map(({ metadata }) => keyOf(metadata));
	}
}

function mightAdopt({ spec: { selector } }: ReplicaSet, { metadata }: Pod): boolean {
	return Object.entries(selector.matchLabels ?? {}).every(([name, value]) => metadata.labels?.[name] === value);
}

/** Pods without a node, then those that aren't ready, then the youngest. */
function leastMissedFirst(one: Pod, other: Pod): number {
	const byWorth = worthOf(one) - worthOf(other);
	if (byWorth !== 0) return byWorth;
	const [born, otherBorn] = [one.metadata.creationTimestamp ?? "", other.metadata.creationTimestamp ?? ""];
	if (born !== otherBorn) return born > otherBorn ? -1 : 1;
	return one.metadata.name < other.metadata.name ? -1 : 1;
}

function worthOf(pod: Pod): number {
	if (pod.spec.nodeName === undefined) return 0;
	if (pod.status?.phase !== "Running") return 1;
	return isPodReady(pod) ? 3 : 2;
}
