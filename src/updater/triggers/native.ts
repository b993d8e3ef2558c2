import { z } from "zod";
import { bareHost, hintsOf, readAs } from "./read.ts";
import type { Trigger } from "./trigger.ts";

const Body = z.object({
	name: z.string(),
	tag: z.string(),
	digest: z.string().nullish(),
	host: z.string().nullish(),
});

/** What pipelines send by themselves: `{name, tag, digest?, host?}`. */
export const native = {
	read: (body) =>
		readAs(Body, body, ({ name, tag, digest, host }) => {
			const registry = bareHost(host ?? "");
			return hintsOf([
				{ at: "", image: registry === "" ? name : `${registry}/${name}`, tag, digest: digest ?? undefined },
			]);
		}),
} satisfies Trigger;
