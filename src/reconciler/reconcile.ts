import { type Canary, Provider } from "../api/canary.ts";
import { CanaryService } from "../api/canary-service.ts";
import { blankStatus, CanaryStatus, type Notice } from "../api/canary-status.ts";
import { Failure } from "../domain/failure.ts";
import type { Instant } from "../domain/instant.ts";
import { invariant } from "../domain/invariant.ts";
import { type KubeObject, keyOf, type ObjectKey } from "../domain/kube-object.ts";
import type { Log } from "../domain/log.ts";
import { knownProviders, providerFor, withoutMesh } from "../mesh-adapters/registry.ts";
import { namesOf } from "../workloads/names.ts";
import { type AskOptions, checksIn } from "./ask.ts";
import { type Mesh, type Objects, type Scene, type Settings, sceneOf } from "./children.ts";
import type { Cluster } from "./cluster.ts";
import { pendingCommand } from "./commands.ts";
import { decide } from "./decide/decide.ts";
import { type Answers, noAnswers, type Obstacle, type Plan, type Situation } from "./decide/situation.ts";
import { type Inquiry, inquire } from "./inquire.ts";
import { bound } from "./intent/binding.ts";
import { planFor } from "./intent/plan.ts";
import { CanaryReader } from "./intent/reading.ts";
import { absenceIn, flawOf } from "./intent/validate.ts";
import { interpret } from "./interpret.ts";
import { observe } from "./observe.ts";
import { Quarrels } from "./quarrels.ts";

/** What a reconciler is given. */
export interface ReconcilerPorts {
	readonly cluster: Cluster;
	readonly log: Log;
	readonly now: () => Instant;
	/** Asks the world; answers within its own deadline, whatever happens. Undefined: the Canary has been changed meanwhile. */
	readonly gather: (inquiry: Inquiry, canary: Canary, signal: AbortSignal) => Promise<Answers | undefined>;
	/** Starts telling; answers with the ids that have been told already. Told ids that come later wake the key. */
	readonly announce: (key: ObjectKey, notices: readonly Notice[], canary: Canary) => readonly string[];
	/** After every pass, for metrics. */
	readonly report: (key: ObjectKey, canary: Canary | undefined) => void;
}

export interface ReconcilerOptions extends Settings, AskOptions {
	readonly drainMs: number;
}

export interface Wake {
	/** Undefined: only a change matters. */
	readonly wakeAfterMs: number | undefined;
}

/** After a write: what follows from it is a pass of its own, so that others who wait have their turn before it. */
const atOnce: Wake = { wakeAfterMs: 0 };

/** How soon a failure that only a person can mend is tried again though nothing changed. */
const STALLED_RETRY_MS = 60_000;

/**
 * The loop, for one Canary and one turn: read, observe, inquire, gather, decide, then either record or interpret.
 * Level-triggered: it never learns why it was called. Throws a Failure when the API does not let it write; whoever calls
 * comes again by its remedy.
 */
export function createReconciler(ports: ReconcilerPorts, options: ReconcilerOptions) {
	const { cluster, log } = ports;
	const reader = new CanaryReader();
	const problems = new Map<ObjectKey, { readonly problem: Obstacle; readonly since: Instant }>();
	/** Refusals that were seen once: an API server that has only just started refuses everything for a moment. */
	const doubts = new Set<ObjectKey>();
	const quarrels = new Quarrels();

	function forget(key: ObjectKey): void {
		reader.forget(key);
		problems.delete(key);
		doubts.delete(key);
		quarrels.forget(key);
		ports.report(key, undefined);
	}

	async function reconcile(key: ObjectKey, signal: AbortSignal): Promise<Wake> {
		const object = cluster.canary(key);
		if (object === undefined) {
			forget(key);
			return { wakeAfterMs: undefined };
		}
		const situated = await situate(key, object, signal);
		if (situated === undefined) return { wakeAfterMs: undefined };
		const { scene, situation, problem } = situated;
		const inquiry = inquire(situation);
		const isAsking = inquiry.round || inquiry.gates.length > 0;
		const answers = isAsking ? await ports.gather(inquiry, scene.canary, signal) : noAnswers;
		if (answers === undefined) return atOnce;
		const { status, actions, wakeAfterMs } = decide({ ...situation, answers });
		if (status !== situation.status) {
			await record(object, status, signal);
			return atOnce;
		}
		ports.report(key, scene.canary);
		const writes = await act(key, () => {
			if (actions.length > 0) quarrels.note(key, scene.names, ports.now());
			return interpret(actions, scene, { cluster, log, signal });
		});
		// A problem that has come or gone belongs into the status first.
		if (problems.get(key)?.problem !== problem) return atOnce;
		if (writes === "stalled") return { wakeAfterMs: STALLED_RETRY_MS };
		return writes > 0 ? atOnce : { wakeAfterMs };
	}

	/** Performs writes; one that only a person can help with becomes a condition of the Canary instead of a failure. */
	async function act(key: ObjectKey, perform: () => Promise<number>): Promise<number | "stalled"> {
		try {
			const writes = await perform();
			// Also when nothing was left to write: somebody else may have done it.
			problems.delete(key);
			doubts.delete(key);
			return writes;
		} catch (thrown) {
			if (!(thrown instanceof Failure) || thrown.remedy !== "edit") throw thrown;
			if (thrown.name === "ForbiddenError" && !doubts.has(key)) {
				doubts.add(key);
				throw thrown;
			}
			const problem = { reason: reasonOf(thrown), message: thrown.message };
			const known = problems.get(key);
			const now = ports.now();
			const isSameKind = known?.problem.reason === problem.reason;
			// Some refusals hold a number or a time that is another in each: they must not keep the status changing.
			const isFresh = isSameKind && now - known.since < STALLED_RETRY_MS;
			const isSame = isSameKind && known.problem.message === problem.message;
			if (!isSame && !isFresh) problems.set(key, { problem, since: now });
			return "stalled";
		}
	}

	async function record(object: KubeObject, status: CanaryStatus, signal: AbortSignal): Promise<void> {
		const written = await cluster.replaceStatus({ ...object, status }, signal);
		const key = keyOf(object.metadata);
		const read = reader.read(key, written);
		log.info(
			{ canary: key, phase: status.phase, step: status.run?.step, weight: status.canaryWeight },
			"status recorded",
		);
		for (const notice of newIn(status.notices, object)) {
			const level = notice.type === "Warning" ? "warn" : "info";
			log[level]({ canary: key, reason: notice.reason, message: notice.message }, "told");
		}
		if (read.ok) ports.announce(key, status.notices ?? [], read.canary);
	}

	async function situate(
		key: ObjectKey,
		object: KubeObject,
		signal: AbortSignal,
	): Promise<{ scene: Scene; situation: Situation; problem: Obstacle | undefined } | undefined> {
		const read = reader.read(key, object);
		const written = read.ok ? read.canary : withBlankSpec(object);
		if (written === undefined || lacksRun(written)) {
			const detail = read.ok ? "status.run: is missing in a phase that has one" : read.problems.join("; ");
			log.error({ canary: key, detail }, "a Canary's status cannot be read, so it is left alone");
			return undefined;
		}
		const invalid = read.ok ? undefined : { reason: "InvalidSpec", message: read.problems.join("; ") };
		const { canary, changed } = bound(written, options.provider);
		const { mesh, flaw, absence, plan } = await arrange(canary, invalid ?? changed, signal);
		const scene = sceneOf(canary, objectsOf(canary, mesh), mesh, options);
		const problem = problems.get(key)?.problem;
		// A rollout under way goes on, and can go back, without what it lacks: only what asks for that has no answer.
		const isUnderWay = canary.status?.run !== undefined;
		const obstacle = flaw ?? (isUnderWay ? undefined : absence);
		const seen = observe(scene, problem ?? absence);
		const status = canary.status ?? blankStatus;
		const told = new Set(status.notices === undefined ? [] : ports.announce(key, status.notices, canary));
		const situation = {
			plan,
			status,
			generation: canary.metadata.generation ?? 1,
			seen: obstacle === undefined ? seen : { ...seen, obstacle },
			answers: noAnswers,
			command: pendingCommand(canary),
			told,
			now: ports.now(),
		};
		return { scene, situation, problem };
	}

	/** The mesh and the plan of a Canary, or what is wrong with what it asks for, or missing. */
	async function arrange(
		canary: Canary,
		known: Obstacle | undefined,
		signal: AbortSignal,
	): Promise<{ mesh: Mesh; flaw?: Obstacle; absence?: Obstacle | undefined; plan: Plan }> {
		const name = canary.spec.provider ?? options.provider;
		const provider = providerFor(name);
		const mesh = await meshOf(name, provider, signal);
		const inert = planFor({ ...canary, spec: { ...canary.spec, skipAnalysis: true } }, mesh.adapter.can, {
			...options,
			provider: name,
		});
		invariant(inert.ok, "a plan without steps asks for nothing");
		const others = cluster.canariesOn(canary.metadata.namespace ?? "default", canary.spec.targetRef.name);
		const flaw = known ?? flawOf(canary, others, options);
		if (flaw !== undefined) return { mesh, flaw, plan: inert.plan };
		if (provider === undefined) {
			const message = `no provider ${name}; known are ${knownProviders.join(", ")}`;
			return { mesh, flaw: { reason: "UnknownProvider", message }, plan: inert.plan };
		}
		const planned = planFor(canary, mesh.adapter.can, { ...options, provider: name });
		const checks = checksIn(cluster, canary, options);
		if (planned.ok && checks.ok)
			return { mesh, absence: absenceIn(canary, checks.checks, cluster), plan: planned.plan };
		const problems = [...(planned.ok ? [] : planned.problems), ...(checks.ok ? [] : checks.problems)];
		return {
			mesh,
			flaw: { reason: planned.ok ? "ChecksInvalid" : "Unsupported", message: problems.join("; ") },
			plan: inert.plan,
		};
	}

	async function meshOf(name: string, provider: ReturnType<typeof providerFor>, signal: AbortSignal): Promise<Mesh> {
		const adapter = provider?.adapter ?? withoutMesh;
		if (provider === undefined || adapter.resource === undefined)
			return { adapter, apiVersion: undefined, provider: name };
		const apiVersion = await cluster.routeVersion(adapter.resource, provider.versions, signal);
		return { adapter, apiVersion, provider: name };
	}

	function objectsOf(canary: Canary, { adapter, apiVersion }: Mesh): Objects {
		const { namespace, target, primary, apexService, primaryService, candidateService } = namesOf(canary);
		const kind = adapter.resource?.kind;
		return {
			target: cluster.deployment(namespace, target),
			primary: cluster.deployment(namespace, primary),
			apexService: cluster.service(namespace, apexService),
			primaryService: cluster.service(namespace, primaryService),
			candidateService: cluster.service(namespace, candidateService),
			route:
				kind === undefined || apiVersion === undefined
					? undefined
					: cluster.route(apiVersion, kind, namespace, apexService),
		};
	}

	return { reconcile, forget };
}

/** A phase that is about a run, without one: somebody else wrote this status. */
function lacksRun({ status }: Canary): boolean {
	const phases = ["Waiting", "Progressing", "WaitingPromotion", "Promoting", "Finalising"];
	return status !== undefined && status.run === undefined && phases.includes(status.phase);
}

/** The notices that the object's own status does not have yet. */
function newIn(notices: readonly Notice[] = [], { status }: KubeObject): readonly Notice[] {
	const known = (status as { readonly notices?: readonly Notice[] } | undefined)?.notices ?? [];
	return notices.filter(({ id }) => !known.some((one) => one.id === id));
}

/**
 * A Canary whose spec cannot be read, with what can be of where its traffic flows: enough to say so in its status, and
 * to hand the traffic back when it is deleted. Undefined when the status is unreadable too.
 */
function withBlankSpec(object: KubeObject): Canary | undefined {
	const status = object.status === undefined ? undefined : CanaryStatus.safeParse(object.status);
	if (status?.success === false) return undefined;
	const given = object.spec as { targetRef?: { name?: unknown }; service?: unknown; provider?: unknown } | undefined;
	const name = typeof given?.targetRef?.name === "string" ? given.targetRef.name : "";
	const service = CanaryService.safeParse(given?.service);
	const provider = Provider.safeParse(given?.provider);
	const spec = {
		...(service.success ? { service: service.data } : {}),
		...(provider.success ? { provider: provider.data } : {}),
		targetRef: { apiVersion: "apps/v1", kind: "Deployment", name },
		progressDeadlineSeconds: 600,
		skipAnalysis: true,
	};
	const { status: _unread, ...rest } = object;
	return { ...rest, spec, ...(status === undefined ? {} : { status: status.data }) } as Canary;
}

/** The API's own word for what it refuses, or the name of our failure. */
function reasonOf(failure: Failure): string {
	const given = "reason" in failure && typeof failure.reason === "string" ? failure.reason : "";
	return /^[A-Z][A-Za-z]+$/.test(given) && failure.name === "ApiError" ? given : failure.name.replace(/Error$/, "");
}
