import type { Canary } from "../../api/canary.ts";
import { durationText } from "../../domain/duration.ts";
import { type Instant, instantOf } from "../../domain/instant.ts";

export interface TableOptions {
	readonly namespaces: boolean;
	/** More columns, and messages whole. */
	readonly wide: boolean;
	readonly now: Instant;
}

interface Column {
	readonly title: string;
	readonly in: "all" | "namespaces" | "wide";
	cell(canary: Canary, options: TableOptions): string;
}

const MESSAGE_LENGTH_MAX = 60;
const NONE = "-";

const columns: readonly Column[] = [
	{ title: "NAMESPACE", in: "namespaces", cell: ({ metadata }) => metadata.namespace ?? "" },
	{ title: "NAME", in: "all", cell: ({ metadata }) => metadata.name },
	{ title: "PHASE", in: "all", cell: ({ status }) => status?.phase || NONE },
	{ title: "WEIGHT", in: "all", cell: ({ status }) => String(status?.canaryWeight ?? 0) },
	{ title: "STEP", in: "all", cell: stepOf },
	{ title: "CHECKS", in: "all", cell: checksOf },
	{ title: "FAILED", in: "wide", cell: ({ status, spec }) => countOf(status?.failedChecks, spec.analysis?.threshold) },
	{
		title: "INCONCLUSIVE",
		in: "wide",
		cell: ({ status, spec }) => countOf(status?.inconclusiveChecks, spec.analysis?.inconclusiveLimit),
	},
	{ title: "READY", in: "all", cell: (canary) => ready(canary)?.status ?? "Unknown" },
	{ title: "NEXT", in: "all", cell: ({ status }, { now }) => nextText(status?.run?.nextCheckAt, now) },
	{ title: "PROVIDER", in: "wide", cell: ({ spec }) => spec.provider ?? NONE },
	{ title: "TARGET", in: "wide", cell: ({ spec }) => `${spec.targetRef.kind}/${spec.targetRef.name}` },
	{ title: "REVISION", in: "wide", cell: ({ status }) => status?.run?.revision ?? status?.lastPromotedSpec ?? NONE },
	{
		title: "MESSAGE",
		in: "all",
		cell: (canary, { wide }) => clipped(ready(canary)?.message || NONE, wide ? Number.POSITIVE_INFINITY : undefined),
	},
	{ title: "AGE", in: "all", cell: ({ metadata }, { now }) => ageText(metadata.creationTimestamp, now) },
];

/** A line a Canary, columns as wide as their widest cell. */
export function table(canaries: readonly Canary[], options: TableOptions): string {
	const shown = columns.filter(
		({ in: when }) =>
			when === "all" || (when === "wide" && options.wide) || (when === "namespaces" && options.namespaces),
	);
	const rows = canaries.map((canary) => shown.map(({ cell }) => cell(canary, options)));
	return aligned([shown.map(({ title }) => title), ...rows]);
}

/** Rows as text, cells under each other. */
export function aligned(rows: readonly (readonly string[])[]): string {
	const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
	return rows
		.map((row) =>
			row
				.map((cell, column) => cell.padEnd(widths[column] ?? 0))
				.join("  ")
				.trimEnd(),
		)
		.join("\n");
}

/** When something is due: `in 7s`, or `now` when that has passed. */
export function nextText(moment: string | undefined, now: Instant): string {
	const instant = instantOf(moment);
	if (instant === undefined) return NONE;
	return instant <= now ? "now" : `in ${durationText(Math.ceil((instant - now) / 1_000) * 1_000)}`;
}

/** How long ago that was, in the largest unit that says something: `45s`, `12m`, `3h`, `9d`. */
export function ageText(moment: string | undefined, now: Instant): string {
	const instant = instantOf(moment);
	if (instant === undefined) return NONE;
	const seconds = Math.max(0, Math.floor((now - instant) / 1_000));
	if (seconds < 120) return `${seconds}s`;
	if (seconds < 2 * 3_600) return `${Math.floor(seconds / 60)}m`;
	if (seconds < 2 * 86_400) return `${Math.floor(seconds / 3_600)}h`;
	return `${Math.floor(seconds / 86_400)}d`;
}

function stepOf({ status }: Canary): string {
	const run = status?.run;
	if (run === undefined) return NONE;
	return `${run.step + 1}/${run.steps}`;
}

/** How many of the checks passed when they were last judged. */
function checksOf({ status }: Canary): string {
	const checks = status?.checks ?? [];
	if (checks.length === 0) return NONE;
	return `${checks.filter(({ verdict }) => verdict === "passed").length}/${checks.length}`;
}

function countOf(count: number | undefined, limit: number | undefined): string {
	return limit === undefined ? String(count ?? 0) : `${count ?? 0}/${limit}`;
}

function ready({ status }: Canary) {
	return status?.conditions?.find(({ type }) => type === "Ready");
}

function clipped(text: string, lengthMax = MESSAGE_LENGTH_MAX): string {
	const line = text.replaceAll(/\s+/g, " ");
	return line.length > lengthMax ? `${line.slice(0, lengthMax - 1)}…` : line;
}
