import { z } from "zod";
import { hintsOf, readAs } from "./read.ts";
import type { Trigger } from "./trigger.ts";

const Body = z.object({
	push_data: z.object({ tag: z.string() }),
	repository: z.object({ repo_name: z.string() }),
});

/** Docker Hub's webhook. Times in it are not read: some come as 1.41e+09. */
export const dockerhub = {
	read: (body) =>
		readAs(Body, body, ({ push_data, repository }) =>
			hintsOf([{ at: "", image: repository.repo_name, tag: push_data.tag }]),
		),
} satisfies Trigger;
