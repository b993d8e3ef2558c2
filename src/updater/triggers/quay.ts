import { z } from "zod";
import { hintsOf, irrelevant, readAs } from "./read.ts";
import type { Trigger } from "./trigger.ts";

const Body = z.object({
	docker_url: z.string(),
	/** Old Quays send an object from tag to the identity of the image. */
	updated_tags: z.union([z.array(z.string()), z.record(z.string(), z.unknown())]).optional(),
});

/** Quay's "Push to Repository" notification. Builds and scans come without `updated_tags`. */
export const quay = {
	read: (body) =>
		readAs(Body, body, ({ docker_url, updated_tags }) => {
			if (updated_tags === undefined) return irrelevant("it has no updated_tags");
			const tags = Array.isArray(updated_tags) ? updated_tags : Object.keys(updated_tags);
			return hintsOf(tags.map((tag, index) => ({ at: `updated_tags[${index}]`, image: docker_url, tag })));
		}),
} satisfies Trigger;
