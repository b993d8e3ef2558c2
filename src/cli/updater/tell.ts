import { timestamp } from "../../domain/instant.ts";
import { type KubeObject, keyOf } from "../../domain/kube-object.ts";
import type { Log } from "../../domain/log.ts";
import { imageReasons } from "../../notify/image-reasons.ts";
import { imageSubject } from "../../notify/image-subject.ts";
import type { Outbox } from "../../notify/outbox.ts";
import type { Told } from "../../updater/decide/situation.ts";

/**
 * Tells people what was decided about images: an Event, a line of the log that says it is for audit, and whatever alerts
 * there are. Each thing told is new: what is not delivered within the outbox's bounds is given up there.
 */
export function imageTeller({
	outbox,
	log,
	now,
}: {
	readonly outbox: Outbox;
	readonly log: Log;
	readonly now: () => number;
}) {
	let count = 0;
	return (about: KubeObject, told: readonly Told[]): void => {
		if (told.length === 0) return;
		const at = timestamp(now());
		const notices = told.map(({ reason, message }) => {
			count += 1;
			const { type, severity } = imageReasons[reason];
			return { id: `i${now().toString(36)}-${count}`, reason, type, severity, message, at };
		});
		const object = `${about.kind} ${keyOf(about.metadata)}`;
		for (const { reason, message } of notices)
			log.info({ audit: true, object, reason, message }, "decided about an image");
		outbox.deliver(`${about.kind}/${keyOf(about.metadata)}`, notices, imageSubject(about));
	};
}
