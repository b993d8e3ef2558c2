import type { Canary } from "../api/canary.ts";
import type { Phase } from "../api/canary-status.ts";
import { durationText } from "../domain/duration.ts";
import { timestamp } from "../domain/instant.ts";
import { keyOf, type ObjectRef } from "../domain/kube-object.ts";
import type { KubeClient } from "../kube/client.ts";
import { resources } from "../kube/resources.ts";
import { COMMAND_ANNOTATION } from "../reconciler/commands.ts";
import type { Command } from "../reconciler/decide/situation.ts";
import { RefusedError } from "./usage-error.ts";

type Verb = Command["verb"];

const running: readonly Phase[] = ["Progressing", "WaitingPromotion"];

/** In which phases a command has something to act on. */
const sensible: Record<Verb, readonly Phase[]> = {
	pause: running,
	resume: [...running, "Waiting"],
	promote: [...running, "Waiting"],
	abort: [...running, "Waiting", "Promoting"],
	retry: ["Failed"],
};

/** For how long a watch may last before it is asked for anew, and the pause after one that broke. */
const WATCH_SECONDS = 60;
const PAUSE_MS = 500;

export interface CommandPorts {
	readonly client: Pick<KubeClient, "get" | "patch" | "watch">;
	readonly namespace: string;
	now(): number;
	/** Tells commands of the same moment apart. */
	unique(): string;
	/** Rejects when the signal aborts. */
	sleep(ms: number, signal: AbortSignal): Promise<unknown>;
	/** Aborts when that time is over. */
	deadline(ms: number): AbortSignal;
}

/**
 * Asks the operator for something by an annotation on the Canary: who may write that may command.
 *
 * Refuses what has nothing to act on in the Canary's phase. With `waitMs` it resolves once the operator has taken the
 * command off the table, and throws when that takes longer; the command stays on the Canary then.
 */
export async function command(
	ports: CommandPorts,
	{ verb, name, waitMs }: { readonly verb: Verb; readonly name: string; readonly waitMs: number | undefined },
): Promise<string> {
	const { client, namespace, now, unique } = ports;
	const { apiVersion, kind } = resources.canaries;
	const ref = { apiVersion, kind, namespace, name };
	const refusal = refusalOf(verb, (await client.get(ref)) as Canary);
	if (refusal !== undefined) throw new RefusedError(refusal);
	const id = `${verb}@${timestamp(now())}/${unique()}`;
	const asked = (await client.patch(ref, { metadata: { annotations: { [COMMAND_ANNOTATION]: id } } })) as Canary;
	const told = `Canary ${keyOf(ref)}: asked to ${verb}`;
	if (waitMs === undefined) return told;
	const { status } = await handled({ ports, ref, id, waitMs }, asked);
	const ready = status?.conditions?.find(({ type }) => type === "Ready");
	return `${told}; done, it is ${status?.phase} now${ready?.message ? `: ${ready.message}` : ""}`;
}

/** Why the command makes no sense for this Canary now, and what would; undefined when it does. */
export function refusalOf(verb: Verb, { metadata, status, spec }: Canary): string | undefined {
	const canary = `Canary ${keyOf(metadata)}`;
	const phase = status?.phase ?? "";
	const allowed = sensible[verb];
	if (!allowed.includes(phase)) {
		const state = phase === "" ? "was not looked at yet; is the operator running?" : `is ${phase}`;
		const others = Object.entries(sensible).flatMap(([other, phases]) => (phases.includes(phase) ? [other] : []));
		const instead = others.length === 0 ? "" : `; ${others.join(", ")} would work now`;
		return `${canary} ${state}, and ${verb} works when it is ${allowed.join(" or ")}${instead}`;
	}
	if (spec.suspend) return `${canary} is suspended, and nothing is done about it; unset spec.suspend first`;
	if (verb === "pause" && status?.run?.paused) return `${canary} is paused already; resume lets it go on`;
	if (verb === "resume" && spec.paused) return `${canary} is paused by spec.paused; unset that to let it go on`;
	return undefined;
}

interface Awaited {
	readonly ports: CommandPorts;
	readonly ref: ObjectRef;
	readonly id: string;
	readonly waitMs: number;
}

/** The Canary as it is when the operator says that it has dealt with the command. */
async function handled({ ports, ref, id, waitMs }: Awaited, asked: Canary): Promise<Canary> {
	const signal = ports.deadline(waitMs);
	const tooLate = () =>
		new RefusedError(
			`Canary ${keyOf(ref)}: nobody obeyed within ${durationText(waitMs)}, and the command stands; is the operator running, and is something in the way (haldane get ${ref.name})?`,
		);
	let canary = asked;
	while (!isHandled(canary, id)) {
		try {
			canary = await nextChange({ ports, ref, id, signal }, canary);
		} catch (thrown) {
			if (signal.aborted) throw tooLate();
			throw thrown;
		}
		if (signal.aborted && !isHandled(canary, id)) throw tooLate();
	}
	return canary;
}

async function nextChange(
	{ ports, ref, id, signal }: Omit<Awaited, "waitMs"> & { readonly signal: AbortSignal },
	canary: Canary,
): Promise<Canary> {
	const watch = ports.client.watch(resources.canaries, {
		namespace: ref.namespace,
		resourceVersion: canary.metadata.resourceVersion ?? "",
		fieldSelector: `metadata.name=${ref.name}`,
		timeoutSeconds: WATCH_SECONDS,
		signal,
	});
	try {
		for await (const { type, object } of watch) {
			if (type === "DELETED") throw new RefusedError(`Canary ${keyOf(ref)} was deleted meanwhile`);
			if (type === "ERROR") break;
			if (type !== "BOOKMARK" && isHandled(object as Canary, id)) return object as Canary;
		}
	} catch (thrown) {
		if (signal.aborted || thrown instanceof RefusedError) throw thrown;
		// A watch that breaks says nothing of the command: it is asked for anew.
	}
	await ports.sleep(PAUSE_MS, signal);
	return (await ports.client.get(ref, { signal })) as Canary;
}

/** Throws when somebody else's command took the place of this one before it was obeyed. */
function isHandled({ metadata, status }: Canary, id: string): boolean {
	if (status?.lastHandledCommand === id) return true;
	const standing = metadata.annotations?.[COMMAND_ANNOTATION];
	if (standing === id) return false;
	throw new RefusedError(`Canary ${keyOf(metadata)}: another command came in between: ${standing ?? "none is left"}`);
}
