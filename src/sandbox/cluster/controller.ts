import type { KubeObject, ObjectKey } from "../../domain/kube-object.ts";
import type { KindRef, SandboxApi } from "../contract.ts";
import type { Clock } from "./clock.ts";
import type { Recorder } from "./events.ts";
import type { Report } from "./queue.ts";

/** What controllers are given. */
export interface Surroundings {
	readonly api: SandboxApi;
	readonly clock: Clock;
	readonly events: Recorder;
	readonly report: Report;
	/** The whole cluster holds no more pods than this: each is a server of its own. */
	readonly podsMax: number;
	/** Has the controller of that name work on the key. */
	readonly wake: (controller: string, key: ObjectKey) => void;
}

/** What a change of an object of this kind wakes. */
export interface Watch {
	readonly kind: KindRef;
	readonly keysOf: (object: KubeObject, type: "ADDED" | "MODIFIED" | "DELETED") => readonly ObjectKey[];
}

/**
 * A loop of the control plane. Level-triggered: `work` is never told why it was woken, looks at what is there now and
 * writes the difference.
 */
export interface Controller {
	/** Unique; part of the queue's keys. */
	readonly name: string;
	readonly watches: readonly Watch[];
	/** Keys to work on before anything has changed. */
	readonly first?: readonly ObjectKey[];
	/** Returns in how many milliseconds to look again, when no change would wake it. */
	work(key: ObjectKey): number | undefined;
	/** Ends what goes on beside the queue. */
	stop?(): Promise<void>;
}

/** The names in a key of `keyOf`. */
export function namesIn(key: ObjectKey): { readonly namespace: string; readonly name: string } {
	const slash = key.indexOf("/");
	return { namespace: slash < 0 ? "" : key.slice(0, slash), name: key.slice(slash + 1) };
}
