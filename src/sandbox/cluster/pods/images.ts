import type { Behaviour } from "../../contract.ts";
import { behaviourIn } from "./behaviour.ts";

/** How the programs of images behave now. */
export interface Images {
	/** By the image's tag, then the container's environment, then what a person has set. */
	behaviourOf(image: string, env: Readonly<Record<string, string>>): Behaviour;
	/** Called after each change; returns how to end it. */
	onChange(listener: () => void): () => void;
}

/** Images that behave as their tags say until somebody says otherwise. */
export function createImages(): Images & {
	/**
	 * From now on, and in pods that run already, in place of what was set before; nothing leaves the image to its tag. Throws a
	 * RangeError when a number makes no sense; then nothing has changed.
	 */
	set(image: string, change: Partial<Behaviour>): void;
} {
	const changes = new Map<string, Partial<Behaviour>>();
	const listeners = new Set<() => void>();
	return {
		behaviourOf(image, env) {
			const said = behaviourIn(image, env);
			const change = changes.get(image);
			if (change === undefined) return said;
			const behaviour = { ...said, ...change };
			// Whoever sets one of the two means it: the other gives way.
			if (change.p99Ms === undefined) return { ...behaviour, p99Ms: Math.max(behaviour.p99Ms, behaviour.p50Ms) };
			return { ...behaviour, p50Ms: Math.min(behaviour.p50Ms, behaviour.p99Ms) };
		},
		onChange(listener) {
			listeners.add(listener);
			return () => listeners.delete(listener);
		},
		set(image, change) {
			const { errorRate = 0, p50Ms = 0, p99Ms = 0, readyAfterMs = 0 } = change;
			if (!(errorRate >= 0 && errorRate <= 1)) {
				throw new RangeError(`an error rate lies between 0 and 1, and ${errorRate} doesn't`);
			}
			for (const delayMs of [p50Ms, p99Ms, readyAfterMs]) {
				if (!(delayMs >= 0 && delayMs < 2 ** 31)) throw new RangeError(`${delayMs} ms is no time to wait`);
			}
			if (Object.keys(change).length === 0) changes.delete(image);
			else changes.set(image, change);
			for (const listener of listeners) listener();
		},
	};
}
