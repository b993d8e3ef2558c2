import { parseCanary } from "../api/canary.ts";
import type { KubeObject } from "../domain/kube-object.ts";

/** A Canary as it was read, or why it could not be. */
export type Read = ReturnType<typeof parseCanary>;

/** Reads each version of a Canary once. Forgets with the key. */
export class CanaryReader {
	readonly #known = new Map<string, { readonly object: KubeObject; readonly read: Read }>();

	read(key: string, object: KubeObject): Read {
		const known = this.#known.get(key);
		if (known?.object === object) return known.read;
		const read = parseCanary(object);
		this.#known.set(key, { object, read });
		return read;
	}

	forget(key: string): void {
		this.#known.delete(key);
	}
}
