import { parseCanary } from "../../api/canary.ts";
import type { KubeObject } from "../../domain/kube-object.ts";

/** A Canary as it was read, or why it could not be. */
export type Read = ReturnType<typeof parseCanary>;

interface Known {
	readonly object: KubeObject;
	readonly read: Read;
}

/** Reads each version of a Canary once, and its spec once a generation. Forgets with the key. */
export class CanaryReader {
	readonly #known = new Map<string, Known>();

	read(key: string, object: KubeObject): Read {
		const known = this.#known.get(key);
		if (known !== undefined && isSame(known.object, object, "resourceVersion")) return known.read;
		const spec = known?.read.ok && isSame(known.object, object, "generation") ? known.read.canary.spec : undefined;
		const read = parseCanary(object, spec);
		this.#known.set(key, { object, read });
		return read;
	}

	forget(key: string): void {
		this.#known.delete(key);
	}
}

/** The same object as far as this counter tells; an API server leaves none of them out. */
function isSame(one: KubeObject, other: KubeObject, counter: "resourceVersion" | "generation"): boolean {
	if (one === other) return true;
	const isCounted = one.metadata.uid !== undefined && one.metadata[counter] !== undefined;
	return isCounted && one.metadata.uid === other.metadata.uid && one.metadata[counter] === other.metadata[counter];
}
