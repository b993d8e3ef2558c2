import { z } from "zod";
import { problemsOf } from "../api/problems.ts";
import { durationMs } from "../domain/duration.ts";
import type { Case } from "./dry-run.ts";
import { outcomes } from "./play.ts";
import { parseScenario } from "./scenario.ts";

const duration = z.string().refine((text) => durationMs(text) !== undefined, {
	error: ({ input }) => `'${input}' is not a duration; write one like 90s or 2m`,
});

const percent = z.union([z.number(), z.string()]).transform((given, context) => {
	const share = percentOf(String(given));
	if (share !== undefined) return share;
	context.addIssue({ code: "custom", message: `'${given}' is not a share of requests; write one like 0.5%` });
	return z.NEVER;
});

const ScenarioFile = z.strictObject({
	scenarios: z
		.array(
			z.strictObject({
				name: z.string().min(1).max(200),
				scenario: z.preprocess(
					(given) => (typeof given === "string" ? [given] : given),
					z.array(z.string()).min(1).max(16),
				),
				expect: z.enum(outcomes),
				within: duration.optional(),
				atMost: percent.optional(),
				atMostFailed: percent.optional(),
			}),
		)
		.min(1)
		.max(10_000),
});

export type ScenarioFileRead =
	| { readonly ok: true; readonly cases: readonly Case[] }
	| { readonly ok: false; readonly problems: readonly string[] };

/** Reads the content of a file of scenarios; problems name the field and the mend. */
export function readScenarioFile(content: unknown): ScenarioFileRead {
	const { success, data, error } = ScenarioFile.safeParse(content, { reportInput: true });
	if (!success) return { ok: false, problems: problemsOf("file", error).map((one) => one.replace(/^file[.:] ?/, "")) };
	const problems: string[] = [];
	const cases = data.scenarios.flatMap(({ name, scenario, expect, within, atMost, atMostFailed }, index): Case[] => {
		const read = parseScenario(scenario.join(", "));
		if (!read.ok) {
			problems.push(`scenarios[${index}].scenario: ${read.problem}`);
			return [];
		}
		const withinMs = within === undefined ? undefined : durationMs(within);
		const bounds = { withinMs, atMostPercent: atMost, atMostFailedPercent: atMostFailed };
		return [{ name, scenario: read.scenario, expectation: { outcome: expect, ...bounds } }];
	});
	return problems.length === 0 ? { ok: true, cases } : { ok: false, problems };
}

/** Percent, with or without its sign, from 0 to 100; undefined when it is none. */
export function percentOf(text: string): number | undefined {
	const share = /^(\d{1,3}(?:\.\d{1,9})?) ?%?$/.exec(text.trim())?.[1];
	return share === undefined || Number(share) > 100 ? undefined : Number(share);
}
