import { parseArgs } from "node:util";

/** What a run of the updater's bench is asked to do. */
export interface ImageBenchOptions {
	readonly workloads: number;
	readonly repositories: number;
	/** Of each repository. */
	readonly tags: number;
	/** How many polls of a minute each are watched while nothing changes. */
	readonly polls: number;
	readonly webhooks: number;
	/** From one webhook to the next. */
	readonly everyMs: number;
	/** Whether the registry says by an ETag that its list is as it was; many say nothing. */
	readonly etags: boolean;
	/** V8 flags that the operator is started with, by spaces. */
	readonly nodeFlags: readonly string[];
	/** Where to write the figures as JSON. */
	readonly json: string | undefined;
	/** A folder for the operator's CPU profiles. */
	readonly profile: string | undefined;
}

export const USAGE = `usage: npm run bench:images -- [--workloads 1000] [--repositories 200] [--tags 200] [--polls 3] [--webhooks 200]
       [--every 500] [--no-etags] [--node-flags FLAGS] [--json FILE] [--profile FOLDER]`;

const numbers = {
	workloads: { least: 1, most: 10_000 },
	repositories: { least: 1, most: 10_000 },
	tags: { least: 1, most: 10_000 },
	polls: { least: 1, most: 60 },
	webhooks: { least: 1, most: 10_000 },
	every: { least: 1, most: 60_000 },
} as const;

/** Reads the command line; what is wrong with it is a sentence. */
export function imageOptionsFrom(args: readonly string[]): ImageBenchOptions | { readonly problem: string } {
	try {
		const { values } = parseArgs({
			args: [...args],
			options: {
				workloads: { type: "string", default: "1000" },
				repositories: { type: "string", default: "200" },
				tags: { type: "string", default: "200" },
				polls: { type: "string", default: "3" },
				webhooks: { type: "string", default: "200" },
				every: { type: "string", default: "500" },
				"no-etags": { type: "boolean", default: false },
				"node-flags": { type: "string", default: "" },
				json: { type: "string" },
				profile: { type: "string" },
			},
		});
		for (const [name, { least, most }] of Object.entries(numbers)) {
			const value = Number(values[name as keyof typeof numbers]);
			if (!Number.isInteger(value) || value < least || value > most)
				return { problem: `--${name}: write a number from ${least} to ${most}` };
		}
		return {
			workloads: Number(values.workloads),
			repositories: Number(values.repositories),
			tags: Number(values.tags),
			polls: Number(values.polls),
			webhooks: Number(values.webhooks),
			everyMs: Number(values.every),
			etags: !values["no-etags"],
			nodeFlags: values["node-flags"].split(" ").filter(Boolean),
			json: values.json,
			profile: values.profile,
		};
	} catch (thrown) {
		return { problem: thrown instanceof Error ? thrown.message : String(thrown) };
	}
}
