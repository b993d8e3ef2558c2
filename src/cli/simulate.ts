import { readFile } from "node:fs/promises";
import { text as readAll } from "node:stream/consumers";
import { DURATION_MAX, DURATION_MS_MAX, durationMs } from "../domain/duration.ts";
import { knownProviders, providerFor } from "../mesh-adapters/registry.ts";
import { type Case, type DryRunOptions, dryRun, type Report, strangersIn } from "../simulate/dry-run.ts";
import type { Expectation } from "../simulate/expectation.ts";
import { type InputText, readDocuments, readObjects } from "../simulate/input.ts";
import { outcomes } from "../simulate/play.ts";
import { parseScenario } from "../simulate/scenario.ts";
import { percentOf, readScenarioFile } from "../simulate/scenario-file.ts";
import { type Subject, subjectOf } from "../simulate/subject.ts";
import { svgOf } from "../simulate/svg.ts";
import { textOf } from "../simulate/text.ts";
import { UsageError } from "./usage-error.ts";

/** What the command line said, as text. */
export interface SimulateFlags {
	readonly filename: readonly string[];
	readonly scenario: readonly string[];
	readonly meshProvider: string;
	readonly readyAfter: string;
	readonly routeAfter: string;
	readonly drain: string;
	readonly baselineP99: string;
	readonly rate: string;
	readonly horizon: string;
	readonly output: string;
	readonly timeline?: boolean;
	readonly expect?: string;
	readonly within?: string;
	readonly atMost?: string;
	readonly atMostFailed?: string;
}

const outputs = {
	text: (report: Report, { timelines }: { readonly timelines: boolean }) => textOf(report, { timelines }),
	json: (report: Report) => JSON.stringify(report, null, 2),
	svg: (report: Report) => svgOf(report),
};
const SVG_SCENARIOS_MAX = 20;

/** Plays the scenarios; the exit code is 0 when each came out as expected (without an expectation: promoted), else 1. */
export async function simulate(
	flags: SimulateFlags,
	readStdin: () => Promise<string> = () => readAll(process.stdin),
): Promise<{ readonly text: string; readonly exitCode: 0 | 1 }> {
	const output = Object.hasOwn(outputs, flags.output) ? outputs[flags.output as keyof typeof outputs] : undefined;
	if (output === undefined) throw new UsageError(`--output ${flags.output}: write ${Object.keys(outputs).join(", ")}`);
	const { options, drainMs } = optionsFrom(flags);
	const expectation = expectationFrom(flags);
	if (providerFor(flags.meshProvider) === undefined) {
		throw new UsageError(`--mesh-provider: no provider ${flags.meshProvider}; known are ${knownProviders.join(", ")}`);
	}
	const subject = await readSubject(flags, drainMs, readStdin);
	const cases = await readCases(flags.scenario.length === 0 ? ["ok"] : flags.scenario, expectation);
	refuseIfAny(cases.flatMap((one) => strangersIn(subject, one)));
	if (flags.output === "svg" && cases.length > SVG_SCENARIOS_MAX) {
		throw new UsageError(`--output svg draws at most ${SVG_SCENARIOS_MAX} scenarios, and there are ${cases.length}`);
	}
	const report = dryRun(subject, cases, options);
	const timelines = flags.timeline ?? cases.length === 1;
	return { text: output(report, { timelines }), exitCode: report.asExpected ? 0 : 1 };
}

async function readSubject(
	{ filename, meshProvider }: SimulateFlags,
	drainMs: number,
	readStdin: () => Promise<string>,
): Promise<Subject> {
	if (filename.filter((name) => name === "-").length > 1) throw new UsageError("-f -: standard input can be read once");
	const inputs: InputText[] = [];
	for (const name of filename) {
		inputs.push(name === "-" ? { name: "standard input", text: await readStdin() } : await readInput(name));
	}
	const read = readObjects(inputs);
	if (!read.ok) return refuse(read.problems);
	const made = subjectOf(read.objects, { provider: meshProvider, drainMs });
	return made.ok ? made.subject : refuse(made.problems);
}

/** Scenarios as they were written, and those of files; only the former are held to the flags. */
async function readCases(scenarios: readonly string[], expectation: Expectation): Promise<readonly Case[]> {
	const cases: Case[] = [];
	for (const given of scenarios) {
		if (/\.(ya?ml|json)$/.test(given)) cases.push(...(await readCaseFile(given)));
		else {
			const parsed = parseScenario(given);
			if (!parsed.ok) throw new UsageError(parsed.problem);
			cases.push({ name: parsed.scenario.text, scenario: parsed.scenario, expectation });
		}
	}
	return cases;
}

async function readCaseFile(name: string): Promise<readonly Case[]> {
	const documents = readDocuments(await readInput(name));
	if (!documents.ok) return refuse(documents.problems);
	const read = readScenarioFile(documents.documents[0]);
	return read.ok ? read.cases : refuse(read.problems.map((problem) => `${name}: ${problem}`));
}

async function readInput(name: string): Promise<InputText> {
	try {
		return { name, text: await readFile(name, "utf8") };
	} catch (thrown) {
		const { code } = thrown as NodeJS.ErrnoException;
		const reasons: Record<string, string> = { ENOENT: "there is no such file", EISDIR: "is a folder; name a file" };
		throw new UsageError(`${name}: ${reasons[code ?? ""] ?? `cannot be read (${code})`}`);
	}
}

function optionsFrom(flags: SimulateFlags): { readonly options: DryRunOptions; readonly drainMs: number } {
	const rate = Number(/^\d{1,9}(\.\d{1,3})?$/.test(flags.rate) ? flags.rate : Number.NaN);
	if (!(rate > 0)) throw new UsageError("--rate: write requests a second, such as 100");
	const horizonMs = duration("horizon", flags.horizon);
	const options = {
		readyAfterMs: duration("ready-after", flags.readyAfter),
		routeAfterMs: duration("route-after", flags.routeAfter),
		baselineMs: duration("baseline-p99", flags.baselineP99),
		horizonMs,
		rate,
	};
	return { options, drainMs: duration("drain", flags.drain) };
}

function expectationFrom({ expect, within, atMost, atMostFailed }: SimulateFlags): Expectation {
	const outcome = outcomes.find((known) => known === expect);
	if (expect !== undefined && outcome === undefined) {
		throw new UsageError(`--expect ${expect}: write ${outcomes.join(", ")}`);
	}
	return {
		outcome,
		withinMs: within === undefined ? undefined : duration("within", within),
		atMostPercent: share("at-most", atMost),
		atMostFailedPercent: share("at-most-failed", atMostFailed),
	};
}

function share(flag: string, text: string | undefined): number | undefined {
	const percent = text === undefined ? undefined : percentOf(text);
	if (text !== undefined && percent === undefined) throw new UsageError(`--${flag}: write a share like 0.5%`);
	return percent;
}

function duration(flag: string, text: string): number {
	const ms = durationMs(text);
	if (ms === undefined) throw new UsageError(`--${flag}: write a duration like 10s or 1m30s`);
	if (ms > DURATION_MS_MAX) throw new UsageError(`--${flag}: is too long; the most is ${DURATION_MAX}`);
	return ms;
}

function refuseIfAny(problems: readonly string[]): void {
	if (problems.length > 0) refuse(problems);
}

function refuse(problems: readonly string[]): never {
	throw new UsageError(problems.join("\nhaldane: "));
}
