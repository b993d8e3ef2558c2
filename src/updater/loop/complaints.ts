import type { Notice } from "../../api/canary-status.ts";
import type { Instant } from "../../domain/instant.ts";
import type { KubeObject } from "../../domain/kube-object.ts";
import type { ImageReason } from "../../notify/image-reasons.ts";
import type { WorkloadKey } from "./cluster.ts";
import { complaintOf } from "./notices.ts";

/** What may go wrong by itself; what somebody wrote is a topic by the name of its object. */
export const LOOKING = "looking";
export const WRITING = "writing";
export const WRITING_BACK = "writing back";

/** What stands in the way of an image, told once each time that it becomes another. */
export interface Complaints {
	/** What is wrong by now about one topic of a workload; nothing is wrong when there are no problems. */
	say(key: WorkloadKey, topic: string, about: KubeObject, problems: readonly string[]): void;
	/** Nothing is asked for the workload any more. */
	forget(key: WorkloadKey): void;
}

export function createComplaints(ports: {
	tell(subject: KubeObject, notices: readonly Notice[]): void;
	now(): Instant;
}): Complaints {
	const said = new Map<WorkloadKey, Map<string, string>>();
	return {
		say(key, topic, about, problems) {
			const text = problems.join("; ");
			const topics = said.get(key) ?? new Map<string, string>();
			if ((topics.get(topic) ?? "") === text) return;
			if (text === "") {
				topics.delete(topic);
				if (topics.size === 0) said.delete(key);
				return;
			}
			said.set(key, topics.set(topic, text));
			ports.tell(about, [complaintOf({ reason: reasonOf(topic), message: text }, about, ports.now())]);
		},
		forget: (key) => void said.delete(key),
	};
}

/** Complaints about what somebody wrote into one object take each other's place. */
export function topicOf({ kind, metadata }: KubeObject): string {
	return `${kind}/${metadata.name}`;
}

function reasonOf(topic: string): ImageReason {
	if (topic === LOOKING) return "ImageLookFailed";
	if (topic === WRITING) return "ImageWriteFailed";
	return topic === WRITING_BACK ? "ImageWriteBackFailed" : "ImageRuleInvalid";
}
