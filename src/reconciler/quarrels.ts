import { Failure } from "../domain/failure.ts";
import type { Instant } from "../domain/instant.ts";
import type { ObjectKey } from "../domain/kube-object.ts";
import type { Names } from "../workloads/names.ts";

/** Somebody undoes what we write as fast as we write it. */
export class ContestedError extends Failure {
	override readonly name = "ContestedError";
	readonly remedy = "edit";

	constructor({ namespace, target, apexService }: Names) {
		super(
			`the objects of ${namespace}/${target} (Service or route ${apexService}, its Deployments) are changed back as fast as they are written; make the other controller leave them alone`,
		);
	}
}

const WINDOW_MS = 10_000;
const WRITES_MAX = 40;

/** Notices when the same Canary has to write again and again, so that two controllers never fight without end. */
export class Quarrels {
	readonly #recent = new Map<ObjectKey, { since: Instant; count: number }>();

	/** Notes that something is about to be written. Throws ContestedError when that happens too often. */
	note(key: ObjectKey, names: Names, now: Instant): void {
		const known = this.#recent.get(key);
		if (known === undefined || now - known.since > WINDOW_MS) {
			this.#recent.set(key, { since: now, count: 1 });
			return;
		}
		known.count += 1;
		if (known.count > WRITES_MAX) throw new ContestedError(names);
	}

	forget(key: ObjectKey): void {
		this.#recent.delete(key);
	}
}
