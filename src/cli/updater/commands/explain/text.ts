import { durationText } from "../../../../domain/duration.ts";
import type { ChangeWindow, UpdateRule } from "../../../../updater/rule.ts";
import { aligned } from "../../../get/table.ts";
import { oneLine } from "../one-line.ts";
import type { Explanation } from "./explain.ts";
import type { Choice, ImageExplanation } from "./explanation.ts";
import { UNKNOWN_DIGEST } from "./given-tags.ts";

type Row = readonly string[];

/** The explanation for people; `asked` is what it was made from. */
export function explanationText(explanation: Explanation, asked: "ask" | "none" | readonly string[]): string {
	const { workload, askedBy, said, notes, problems, images } = explanation;
	if (askedBy === "none")
		return `${workload}: nobody asks for its images to be kept up to date; docs/updater.md says how`;
	const head: Row[] = [
		["Workload", workload],
		["Asked by", askedBy],
	];
	const sections = [
		aligned(head),
		section(
			"Said",
			said.map(({ key, value }) => [key, value]),
		),
		section(
			"Problems: nothing is changed until they are mended",
			problems.map((problem) => [problem]),
		),
		section(
			"Notes",
			notes.map((note) => [note]),
		),
		...images.map(imageText),
		typeof asked === "string"
			? undefined
			: "Tags were given: digests, dates of builds and platforms were not asked for.",
	];
	return sections.filter((text) => text !== undefined).join("\n\n");
}

function section(title: string, rows: readonly Row[]): string | undefined {
	return rows.length === 0
		? undefined
		: [title, ...aligned(rows.map((row) => row.map(cellText))).split("\n")].join("\n  ");
}

/** Indents stay: they show what belongs together. */
function cellText(text: string): string {
	return text.startsWith("  ") ? `  ${oneLine(text)}` : oneLine(text);
}

function imageText(image: ImageExplanation): string {
	const { container, role, rule, differences, choice, recorded } = image;
	const parts = [
		section(role === "container" ? `Container ${container}` : `${roles[role] ?? role} ${container}`, [
			["Image", image.image],
			...(image.serving === undefined ? [] : [["Serving", `${image.serving}, by its Canary's primary`]]),
			["Rule", ruleText(rule)],
			...ruleRows(rule),
			["Chosen", choiceText(choice)],
			...holdRows(image),
			...recordedRows(recorded),
		]),
		section(
			"  Passed over",
			(choice.kind === "unknown" ? [] : choice.passedOver).map(({ tag, why }) => [`  ${tag}`, why]),
		),
		section(
			"  Not as keel has it",
			differences.flatMap(({ id, keel, haldane, why }) => [
				[`  ${id}`, `keel: ${keel}`],
				["", `here: ${haldane}`],
				["", `for:  ${why}`],
			]),
		),
	];
	return parts.filter((text) => text !== undefined).join("\n");
}

const roles: Readonly<Record<string, string>> = { initContainer: "Init container", imageVolume: "Image volume" };

function ruleText({ policy, settings, filter, ignoreTags }: UpdateRule): string {
	const set = Object.entries(settings).flatMap(([name, value]) => (value === undefined ? [] : [`${name}: ${value}`]));
	const extracted = filter?.extract === undefined ? "" : `, read as ${filter.extract}`;
	return [
		policy,
		...set,
		...(filter === undefined ? [] : [`tags like ${filter.pattern}${extracted}`]),
		...(ignoreTags.length === 0 ? [] : [`never ${ignoreTags.join(", ")}`]),
	].join("; ");
}

/** What of the rule is not as it is where nobody says anything. */
function ruleRows(rule: UpdateRule): readonly Row[] {
	const { schedule, timeZone, minimumAgeMs, platforms, approvals, approvalDeadlineMs, windows, freezes } = rule;
	const zone = timeZone === undefined ? "" : ` (${timeZone})`;
	const people = approvals === 1 ? "1 approval" : `${approvals} approvals`;
	const rows: (Row | false)[] = [
		["Looked at", schedule === undefined ? "when a webhook says so" : `${schedule}${zone}, and when a webhook says so`],
		minimumAgeMs > 0 && ["Age", `at least ${durationText(minimumAgeMs)}`],
		platforms !== "nodes" && platforms.length > 0 && ["Platforms", platforms.join(", ")],
		rule.pinDigest && ["Pinned", "the digest is written beside the tag"],
		approvals > 0 && ["Approval", `${people} within ${durationText(approvalDeadlineMs)}`],
		windows.length > 0 && ["Windows", windows.map(windowText).join(", ")],
		freezes.length > 0 && ["Freezes", freezes.map(windowText).join(", ")],
		rule.supersede && ["Supersede", "a newer tag takes the place of one that is being rolled out"],
		rule.pullSecrets.length > 0 && ["Secrets", rule.pullSecrets.join(", ")],
	];
	return rows.filter((row) => row !== false);
}

function windowText({ cron, durationMs, timeZone }: ChangeWindow): string {
	return `${cron} for ${durationText(durationMs)}${timeZone === undefined ? "" : ` (${timeZone})`}`;
}

function choiceText(choice: Choice): string {
	switch (choice.kind) {
		case "update":
			return `${choice.tag}${choice.digest === UNKNOWN_DIGEST ? "" : ` (${choice.digest})`}: ${choice.why}`;
		case "keep": {
			const again = choice.lookAgainAt === undefined ? "" : `; time may change that at ${choice.lookAgainAt}`;
			return `nothing: ${choice.why}${again}`;
		}
		case "unknown":
			return `not known: ${choice.why}`;
	}
}

function holdRows({ choice, heldBy }: ImageExplanation): readonly Row[] {
	if (choice.kind !== "update") return [];
	if (heldBy === undefined) return [["Held by", "nothing: it is written at once"]];
	return [["Held by", `${heldBy.state}: ${heldBy.why}${heldBy.until === undefined ? "" : `; until ${heldBy.until}`}`]];
}

function recordedRows({ chosen, failed = [], rejected = [] }: ImageExplanation["recorded"]): readonly Row[] {
	return [
		...(chosen === undefined
			? []
			: [["Recorded", `${chosen.tag} is ${chosen.state} since ${chosen.at}: ${chosen.why}`]]),
		...failed.map(({ tag, at, why }) => ["Failed", `${tag} at ${at}: ${why}`]),
		...rejected.map(({ tag, at, by }) => [
			"Rejected",
			`${tag} at ${at}${by === undefined ? ", not approved in time" : ` by ${by}`}`,
		]),
	];
}
