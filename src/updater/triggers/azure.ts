import { z } from "zod";
import { hintsOf, irrelevant, readAs } from "./read.ts";
import type { Trigger } from "./trigger.ts";

const Kind = z.object({ action: z.string().optional() });
const Push = z.object({
	target: z.object({ repository: z.string(), tag: z.string().nullish(), digest: z.string().nullish() }),
	request: z.object({ host: z.string() }),
});

/** Azure Container Registry's webhook; of its actions only `push`. */
export const azure = {
	read: (body) =>
		readAs(Kind, body, ({ action = "push" }) => {
			if (action !== "push") return irrelevant("its action is not push");
			return readAs(Push, body, ({ target: { repository, tag, digest }, request: { host } }) =>
				hintsOf(tag ? [{ at: "", image: `${host}/${repository}`, tag, digest: digest ?? undefined }] : []),
			);
		}),
} satisfies Trigger;
