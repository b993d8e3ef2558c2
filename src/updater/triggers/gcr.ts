import { z } from "zod";
import { parseImageReference } from "../image-reference.ts";
import { hintsOf, irrelevant, malformed, readAs } from "./read.ts";
import type { ReadHints, Trigger } from "./trigger.ts";

const Envelope = z.object({ message: z.object({ data: z.string() }).optional() });
const Notice = z.object({ action: z.string(), tag: z.string().nullish(), digest: z.string().nullish() });

/** Artifact Registry and Container Registry by a Pub/Sub push subscription, wrapped as usual or not. */
export const gcr = {
	read: (body) =>
		readAs(Envelope, body, ({ message }) => {
			if (message === undefined) return readNotice(body);
			const notice = parsed(Buffer.from(message.data, "base64").toString("utf8"));
			return notice === undefined ? malformed("message.data: is not JSON in base64") : readNotice(notice);
		}),
} satisfies Trigger;

/** Tag and digest are whole references. */
function readNotice(notice: unknown): ReadHints {
	return readAs(Notice, notice, ({ action, tag, digest }) => {
		if (action !== "INSERT") return irrelevant("its action is not INSERT");
		if (!tag) return irrelevant("it names no tag");
		const tagged = parseImageReference(tag);
		if (!tagged.ok || tagged.reference.tag === undefined)
			return malformed("tag: is not the name of an image with a tag");
		const { name, tag: pushed } = tagged.reference;
		return hintsOf([{ at: "", image: name, tag: pushed, digest: digest?.split("@").at(1) }]);
	});
}

function parsed(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
}
