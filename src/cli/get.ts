import type { Canary } from "../api/canary.ts";
import { durationText } from "../domain/duration.ts";
import { instantOf } from "../domain/instant.ts";
import { resources } from "../kube/resources.ts";
import { openSession, type SessionFlags } from "./session.ts";

export interface GetFlags extends SessionFlags {
	readonly allNamespaces?: boolean;
	readonly output?: string;
}

/** All Canaries as a table, or one of them whole: where it stands, why, and what comes next. */
export async function get(name: string | undefined, flags: GetFlags, now: number): Promise<string> {
	const { client, namespace } = openSession(flags);
	const { apiVersion, kind } = resources.canaries;
	if (name !== undefined) {
		const canary = (await client.get({ apiVersion, kind, namespace, name })) as Canary;
		return flags.output === "json" ? JSON.stringify(canary, null, 2) : details(canary, now);
	}
	const canaries: Canary[] = [];
	let next: string | undefined;
	do {
		const page = await client.list(resources.canaries, {
			...(flags.allNamespaces ? {} : { namespace }),
			continue: next,
		});
		canaries.push(...(page.items as Canary[]));
		next = page.continue;
	} while (next !== undefined);
	if (flags.output === "json") return JSON.stringify(canaries, null, 2);
	if (flags.output === "name") return canaries.map(({ metadata }) => `canary.haldane.dev/${metadata.name}`).join("\n");
	return table(canaries, flags.allNamespaces === true, now);
}

/** Columns as wide as their widest cell. */
export function table(canaries: readonly Canary[], isNamespaced: boolean, now: number): string {
	if (canaries.length === 0) return "no Canaries";
	const head = [
		...(isNamespaced ? ["NAMESPACE"] : []),
		"NAME",
		"PHASE",
		"WEIGHT",
		"STEP",
		"FAILED",
		"READY",
		"NEXT",
		"MESSAGE",
	];
	const rows = canaries.map((canary) => [
		...(isNamespaced ? [canary.metadata.namespace ?? ""] : []),
		...cells(canary, now),
	]);
	const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
	return [head, ...rows]
		.map((row) =>
			row
				.map((cell, column) => cell.padEnd(widths[column] ?? 0))
				.join("  ")
				.trimEnd(),
		)
		.join("\n");
}

function cells({ metadata, status }: Canary, now: number): readonly string[] {
	const ready = status?.conditions?.find(({ type }) => type === "Ready");
	const run = status?.run;
	return [
		metadata.name,
		status?.phase ?? "",
		String(status?.canaryWeight ?? 0),
		run === undefined ? "-" : `${run.step + 1}/${run.steps}`,
		String(status?.failedChecks ?? 0),
		ready?.status ?? "Unknown",
		nextText(run?.nextCheckAt, now),
		ready?.message ?? "",
	];
}

/** One Canary, whole. */
export function details(canary: Canary, now: number): string {
	const { metadata, status, spec } = canary;
	const run = status?.run;
	const lines = [
		`Canary ${metadata.namespace}/${metadata.name}, target ${spec.targetRef.kind} ${spec.targetRef.name}`,
		`phase    ${status?.phase ?? "not looked at yet"}${status?.lastTransitionTime === undefined ? "" : ` since ${status.lastTransitionTime}`}`,
		`traffic  candidate ${status?.canaryWeight ?? 0} %`,
		`primary  revision ${status?.lastPromotedSpec ?? "-"}`,
	];
	if (run !== undefined) {
		const { primary, candidate, mirror } = run.traffic;
		lines.push(
			`run      revision ${run.revision}, step ${run.step + 1} of ${run.steps}: primary ${primary} %, candidate ${candidate} %${mirror > 0 ? `, mirror ${mirror} %` : ""}`,
			`         in force since ${run.inForceSince ?? "not yet"}, ${run.rounds} rounds passed, ${run.failedChecks} failed`,
			`next     ${run.waitingFor === undefined ? `checks ${nextText(run.nextCheckAt, now)}` : `waits for ${run.waitingFor}`}`,
		);
	}
	for (const check of status?.checks ?? []) {
		lines.push(
			`check    ${check.name}: ${check.verdict}${check.value === undefined ? "" : ` at ${check.value}`} (wanted ${check.threshold ?? "yes"})${check.message === undefined ? "" : `: ${check.message}`}`,
		);
	}
	for (const condition of status?.conditions ?? []) {
		lines.push(`is       ${condition.type} ${condition.status}, ${condition.reason}: ${condition.message}`);
	}
	for (const past of status?.history ?? []) {
		lines.push(
			`past     ${past.endedAt} ${past.revision} ${past.outcome}${past.message === undefined ? "" : `: ${past.message}`}`,
		);
	}
	return lines.join("\n");
}

function nextText(moment: string | undefined, now: number): string {
	const instant = instantOf(moment);
	if (instant === undefined) return "-";
	return instant <= now ? "now" : `in ${durationText(Math.ceil((instant - now) / 1_000) * 1_000)}`;
}
