import type { Notice } from "../api/canary-status.ts";
import type { KubeObject } from "../domain/kube-object.ts";
import { bytes, clip } from "./notifiers/text.ts";
import type { Subject } from "./subject.ts";

const NAME_LENGTH_MAX = 253;
const NOTE_BYTES_MAX = 1024;
const INSTANCE_LENGTH_MAX = 128;

/**
 * The Kubernetes Event of a notice. Its name is made from the object's and the notice's id, so that creating it again is
 * answered with AlreadyExists and nobody is told twice.
 *
 * A core/v1 Event that also meets the rules of events.k8s.io/v1: the former's timestamps are what `kubectl get events
 * --sort-by=.lastTimestamp` and most exporters read, the latter's fields what newer tools do.
 */
export function eventFor(
	{ object: { apiVersion, kind, metadata }, action }: Subject,
	notice: Notice,
	{ instance = "haldane" }: { readonly instance?: string } = {},
): KubeObject {
	const { namespace = "default", name, uid, resourceVersion } = metadata;
	const wholeSecond = `${notice.at.slice(0, 19)}Z`;
	return {
		apiVersion: "v1",
		kind: "Event",
		metadata: { name: eventName(name, notice.id), namespace },
		involvedObject: {
			apiVersion,
			kind,
			namespace,
			name,
			...(uid === undefined ? {} : { uid }),
			...(resourceVersion === undefined ? {} : { resourceVersion }),
		},
		type: notice.type,
		reason: notice.reason,
		action,
		message: clip(notice.message, NOTE_BYTES_MAX, bytes),
		source: { component: "haldane" },
		reportingComponent: "haldane",
		reportingInstance: clip(instance, INSTANCE_LENGTH_MAX, bytes),
		eventTime: microTime(notice.at),
		firstTimestamp: wholeSecond,
		lastTimestamp: wholeSecond,
		count: 1,
	};
}

function eventName(object: string, noticeId: string): string {
	const id = noticeId.toLowerCase().replaceAll(/[^a-z0-9-]|^-|-$/g, "x");
	return `${object.slice(0, NAME_LENGTH_MAX - id.length - 1).replace(/[^a-z0-9]+$/, "")}.${id}`;
}

/** A metav1.MicroTime is refused unless it has exactly six digits. */
function microTime(at: string): string {
	const [second = at, fraction = ""] = at.replace(/Z$/, "").split(".");
	return `${second}.${fraction.slice(0, 6).padEnd(6, "0")}Z`;
}
