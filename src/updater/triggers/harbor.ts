import { z } from "zod";
import { isDigest, parseImageReference } from "../image-reference.ts";
import { bareHost, irrelevant, readAs, readEach } from "./read.ts";
import type { Trigger } from "./trigger.ts";

const Resources = z.object({ resources: z.array(z.unknown()) });
const Kind = z.object({ type: z.string() });
const Default = z.object({ event_data: Resources });
const CloudEvent = z.object({ data: Resources });
const Resource = z.object({
	resource_url: z.string(),
	tag: z.string().nullish(),
	digest: z.string().nullish(),
});

/** Harbor's webhook, in its own payload format (also that of Harbor 1) and as CloudEvents. */
export const harbor = {
	read: (body) =>
		readAs(Kind, body, ({ type }) => {
			switch (type) {
				case "PUSH_ARTIFACT":
				case "pushImage":
					return readAs(Default, body, ({ event_data }) => readResources(event_data.resources, "event_data.resources"));
				case "harbor.artifact.pushed":
					return readAs(CloudEvent, body, ({ data }) => readResources(data.resources, "data.resources"));
				default:
					return irrelevant("its type is not a push");
			}
		}),
} satisfies Trigger;

function readResources(resources: readonly unknown[], list: string) {
	return readEach(Resource, resources, list, ({ resource_url, tag, digest }, at) => {
		// What was pushed without a tag has its digest there.
		if (!tag || isDigest(tag)) return undefined;
		const named = parseImageReference(bareHost(resource_url));
		return { at, image: named.ok ? named.reference.name : "", tag, digest: digest ?? undefined };
	});
}
