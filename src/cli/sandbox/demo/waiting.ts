import type { CanaryStatus } from "../../../api/canary-status.ts";
import type { KubeObject, ObjectRef } from "../../../domain/kube-object.ts";
import type { Sandbox } from "../../../sandbox/sandbox.ts";
import { RefusedError } from "../../usage-error.ts";
import { NAME, NAMESPACE } from "./manifests.ts";

export const canaryRef: ObjectRef = {
	apiVersion: "haldane.dev/v1beta1",
	kind: "Canary",
	namespace: NAMESPACE,
	name: NAME,
};
const ACT_MAX_MS = 120_000;

interface Cluster {
	readonly sandbox: Pick<Sandbox, "api">;
	readonly signal: AbortSignal;
}

interface Awaited<T> {
	readonly ref: ObjectRef;
	/** As in "was not ready". */
	readonly what: string;
	/** What is looked at; undefined is not looked at. */
	readonly read: (object: KubeObject) => T | undefined;
	readonly holds: (value: T) => boolean;
	/** Told of each value until then. */
	readonly each?: (value: T) => void;
}

/** Resolves with what is read of the object once it is so. Throws when that takes too long, or the demo is stopped. */
export function until<T>(
	{ sandbox, signal }: Cluster,
	{ ref, what, read, holds, each = () => {} }: Awaited<T>,
): Promise<T> {
	return new Promise((resolve, reject) => {
		let last: T | undefined;
		const finish = (settle: () => void) => {
			clearTimeout(deadline);
			signal.removeEventListener("abort", onAbort);
			queueMicrotask(() => end());
			settle();
		};
		const onAbort = () => finish(() => reject(new Error("stopped")));
		const deadline = setTimeout(() => {
			const message = `the ${ref.kind} was not ${what} within ${ACT_MAX_MS / 1_000} s, but ${JSON.stringify(last)}`;
			finish(() => reject(new RefusedError(message)));
		}, ACT_MAX_MS);
		signal.addEventListener("abort", onAbort, { once: true });
		let isDone = false;
		const end = sandbox.api.watch(ref, ({ object }) => {
			if (isDone || object.metadata.name !== ref.name || object.metadata.namespace !== ref.namespace) return;
			const value = read(object);
			if (value === undefined) return;
			last = value;
			each(value);
			if (!holds(value)) return;
			isDone = true;
			finish(() => resolve(value));
		});
	});
}

/** Resolves with the Canary's status once it is so, as `until` does. */
export function untilStatus(
	cluster: Cluster,
	what: string,
	holds: (status: CanaryStatus) => boolean,
	each: (status: CanaryStatus) => void = () => {},
): Promise<CanaryStatus> {
	const read = ({ status }: KubeObject) => status as CanaryStatus | undefined;
	return until(cluster, { ref: canaryRef, what, read, holds, each });
}
