import { type KubeObject, type ObjectRef, refOf } from "../../domain/kube-object.ts";
import type { SandboxApi } from "../contract.ts";
import { type Clock, timeText } from "./clock.ts";
import { hashOf } from "./hash.ts";
import { EVENT } from "./kinds.ts";
import type { Report } from "./queue.ts";

/** Tells people what happened to an object. Never throws: an event that cannot be written is reported and lost. */
export type Recorder = (about: KubeObject, event: Happening) => void;

export interface Happening {
	readonly type?: "Normal" | "Warning";
	readonly reason: string;
	readonly message: string;
	/** The component that says so, such as `deployment-controller`. */
	readonly from: string;
}

/** Of the events that are written here never more than this many are kept. */
const KEPT_MAX = 1_000;

/** Writes v1 Events. The same event about the same object is written once, and then counted. */
export function createRecorder(options: {
	readonly api: SandboxApi;
	readonly clock: Clock;
	readonly report: Report;
}): Recorder {
	const { api, clock, report } = options;
	/** By what they say, oldest first. */
	const known = new Map<string, { readonly ref: ObjectRef; count: number }>();
	let number = 0;

	function record(about: KubeObject, { type = "Normal", reason, message, from }: Happening): void {
		const now = clock.now();
		const id = [about.metadata.uid, type, reason, message, from].join("\n");
		const before = known.get(id);
		if (before !== undefined && api.get(before.ref) !== undefined) {
			known.delete(id);
			known.set(id, before);
			before.count += 1;
			api.patch(before.ref, { count: before.count, lastTimestamp: timeText(now) });
			return;
		}
		const { name, namespace = "default", uid, resourceVersion } = about.metadata;
		number += 1;
		const suffix = hashOf(`${id}${now}${number}`).toString(16).padStart(8, "0");
		const created = api.create({
			...EVENT,
			metadata: { name: `${name}.${now.toString(16)}${suffix}`, namespace },
			involvedObject: {
				apiVersion: about.apiVersion,
				kind: about.kind,
				...(about.metadata.namespace === undefined ? {} : { namespace }),
				name,
				uid,
				resourceVersion,
			},
			type,
			reason,
			message,
			count: 1,
			firstTimestamp: timeText(now),
			lastTimestamp: timeText(now),
			source: { component: from },
			reportingComponent: from,
			reportingInstance: "",
		});
		known.set(id, { ref: refOf(created), count: 1 });
	}

	function forgetOldest(): void {
		for (const [id, { ref }] of known) {
			if (known.size <= KEPT_MAX) return;
			known.delete(id);
			api.delete(ref);
		}
	}

	return (about, happening) => {
		try {
			record(about, happening);
			forgetOldest();
		} catch (error) {
			// A namespace on its way out takes nothing new, and has no readers left.
			if (!isNamespaceClosing(api, about)) report(error, `event ${happening.reason} of ${about.metadata.name}`);
		}
	};
}

function isNamespaceClosing(api: SandboxApi, { metadata: { namespace = "default" } }: KubeObject): boolean {
	const found = api.get({ apiVersion: "v1", kind: "Namespace", name: namespace });
	return found === undefined || found.metadata.deletionTimestamp !== undefined;
}
