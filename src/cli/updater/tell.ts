import type { Notice } from "../../api/canary-status.ts";
import { type KubeObject, keyOf } from "../../domain/kube-object.ts";
import type { Log } from "../../domain/log.ts";
import { imageSubject } from "../../notify/image-subject.ts";
import type { Outbox } from "../../notify/outbox.ts";

/**
 * Tells people what was decided about images: an Event, a line of the log that says it is for audit, and whatever alerts
 * there are. What was told by the process before is told again under the same id, which the Event's name is made of.
 */
export function imageTeller({ outbox, log }: { readonly outbox: Outbox; readonly log: Log }) {
	return (about: KubeObject, notices: readonly Notice[]): void => {
		if (notices.length === 0) return;
		const object = `${about.kind} ${keyOf(about.metadata)}`;
		for (const { id, reason, message } of notices)
			log.info({ audit: true, object, notice: id, reason, message }, "decided about an image");
		outbox.deliver(`${about.kind}/${keyOf(about.metadata)}`, notices, imageSubject(about));
	};
}
