import { z } from "zod";
import { hostOf, readAs, readEach } from "./read.ts";
import type { ReadHints } from "./trigger.ts";

const Envelope = z.object({ events: z.array(z.unknown()) });
const Event = z.object({
	action: z.string(),
	target: z
		.object({
			repository: z.string(),
			tag: z.string().nullish(),
			digest: z.string().nullish(),
			url: z.string().nullish(),
		})
		.nullish(),
	request: z.object({ host: z.string().nullish() }).nullish(),
});

/** What is no push may be written as it likes: a notice that is refused is sent again and again, and others wait behind it. */
const Other = z.object({ action: z.string().refine((action) => action !== "push") });

/** Notifications as registries made of Docker Distribution send them; pulls, deletes, layers and untagged pushes are passed over. */
export function readDistributionEvents(body: unknown): ReadHints {
	return readAs(Envelope, body, ({ events }) => {
		const told = events.map((event) => (Other.safeParse(event).success ? { action: "other" } : event));
		return readEach(Event, told, "events", ({ action, target, request }, at) => {
			if (action !== "push" || !target?.tag) return undefined;
			// What the registry did by itself has no request, but an address of what it made.
			const host = request?.host || hostOf(target.url ?? undefined);
			const image = host === undefined ? "" : `${host}/${target.repository}`;
			return { at, image, tag: target.tag, digest: target.digest ?? undefined };
		});
	});
}
