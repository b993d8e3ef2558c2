import type { KubeObject, ObjectKey, ObjectMeta } from "../domain/kube-object.ts";
import { COMMAND_ANNOTATION } from "./commands.ts";

/** Questions that are under way. What a person wants meanwhile does not wait for a slow answer. */
export interface Rounds {
	/** What `ask` answers; undefined, at once, when it is of no use any more: the Canary asks for something else, or is gone. */
	whileWanted<T>(
		asked: Pick<KubeObject, "metadata">,
		key: ObjectKey,
		ask: (signal: AbortSignal) => Promise<T>,
		signal: AbortSignal,
	): Promise<T | undefined>;
	/** Hears of each change of a Canary; undefined when it is gone. */
	changed(key: ObjectKey, now: KubeObject | undefined): void;
}

export function createRounds(canary: (key: ObjectKey) => KubeObject | undefined): Rounds {
	const open = new Map<ObjectKey, { readonly metadata: ObjectMeta; end(): void }>();
	return {
		async whileWanted({ metadata }, key, ask, signal) {
			// It may have changed between being read and being asked about.
			if (isOvertaken(metadata, canary(key))) return undefined;
			const round = new AbortController();
			open.set(key, { metadata, end: () => round.abort() });
			try {
				const answer = await ask(AbortSignal.any([signal, round.signal]));
				return round.signal.aborted ? undefined : answer;
			} finally {
				open.delete(key);
			}
		},
		changed(key, now) {
			const round = open.get(key);
			if (round !== undefined && isOvertaken(round.metadata, now)) round.end();
		},
	};
}

/** By a command, another spec or its deletion; what a status says is our own. */
function isOvertaken(before: ObjectMeta, now: KubeObject | undefined): boolean {
	if (now === undefined) return true;
	const asks = ({ uid, generation, deletionTimestamp, annotations }: ObjectMeta) =>
		JSON.stringify([uid, generation, deletionTimestamp, annotations?.[COMMAND_ANNOTATION]]);
	return asks(before) !== asks(now.metadata);
}
