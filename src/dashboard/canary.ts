import type { VNode } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { Detail, GoldenTable, Summary } from "../server/dashboard/wire.ts";
import { actions } from "./actions.ts";
import { checkChart } from "./checks.ts";
import type { Client } from "./client.ts";
import { diffLines } from "./diff.ts";
import { h } from "./element.ts";
import { trafficGraph } from "./graph.ts";
import { card, imagesLink, phaseBadge, table, weightBar } from "./parts.ts";
import type { Series } from "./state.ts";
import { ageText, dueText, numberText } from "./time.ts";

interface Given {
	readonly client: Client;
	readonly summary: Summary;
	readonly series: readonly Series[];
	/** The workload whose images are kept up to date, if they are. */
	readonly images: string | undefined;
	readonly now: number;
}

const REFRESH_MS = 3_000;

/** One Canary, whole; asked for anew whenever the stream tells of it, and every few seconds for what it does not tell. */
export function canaryPage({ client, summary, series, images, now }: Given): VNode {
	const { namespace, name } = summary;
	const [detail, setDetail] = useState<Detail | undefined>(undefined);
	const [golden, setGolden] = useState<GoldenTable | undefined>(undefined);
	const [problem, setProblem] = useState("");
	useEffect(() => {
		let isOver = false;
		const load = async () => {
			try {
				const [one, rates] = await Promise.all([client.detail(namespace, name), client.golden(namespace, name)]);
				if (isOver) return;
				setDetail(one);
				setGolden(rates);
				setProblem("");
			} catch (thrown) {
				if (!isOver) setProblem(thrown instanceof Error ? thrown.message : String(thrown));
			}
		};
		void load();
		const timer = setInterval(load, REFRESH_MS);
		return () => {
			isOver = true;
			clearInterval(timer);
		};
	}, [client, namespace, name, summary.phase, summary.step]);
	return h(
		"div",
		null,
		h("nav", { "aria-label": "Where you are" }, h("a", { href: "#/" }, "← All Canaries")),
		h("h1", null, h("span", { class: "quiet" }, `${namespace}/`), name),
		h(
			"div",
			{ class: "standing", "aria-live": "polite" },
			phaseBadge(summary.phase, summary.isPaused),
			weightBar(summary.weight, summary.mirror),
			h("p", { class: "message" }, summary.message),
		),
		images === undefined
			? null
			: h("p", null, h("a", { href: imagesLink(images) }, "How its images are kept up to date")),
		h(actions, { client, summary }),
		problem === "" ? null : h("p", { class: "card problem", role: "alert" }, problem),
		detail === undefined
			? h("p", { class: "card" }, problem === "" ? "Loading…" : "")
			: parts({ detail, golden, summary, series, now }),
	);
}

interface Loaded {
	readonly detail: Detail;
	readonly golden: GoldenTable | undefined;
	readonly summary: Summary;
	readonly series: readonly Series[];
	readonly now: number;
}

function parts(loaded: Loaded): VNode {
	const { detail, golden, summary, series, now } = loaded;
	return h(
		"div",
		{ class: "parts" },
		detail.missing.map((sentence) => h("p", { class: "card problem", role: "alert" }, sentence)),
		card("traffic", "Traffic", trafficGraph(detail, golden, summary)),
		timeline(loaded),
		card(
			"checks",
			"Checks",
			series.length === 0 ? h("p", { class: "quiet" }, "None was judged yet.") : series.map((one) => checkChart(one)),
			summary.checks
				.filter(({ verdict }) => verdict !== "passed")
				.map(({ name, verdict, message = "" }) => h("p", { class: "message" }, `${name} ${verdict}: ${message}`)),
		),
		goldenCard(golden),
		differenceCard(detail),
		card(
			"events",
			"Events",
			detail.events.length === 0
				? h("p", { class: "quiet" }, "None.")
				: table(
						"Events",
						["Reason", "When", "Message"],
						detail.events.map(({ type, reason, at, message, count }) => [
							`${type === "Warning" ? "⚠ " : ""}${reason}${count > 1 ? ` ×${count}` : ""}`,
							`${ageText(at, now)} ago`,
							message,
						]),
					),
		),
		card(
			"history",
			"History of rollouts",
			detail.history.length === 0
				? h("p", { class: "quiet" }, "No rollout has ended yet.")
				: table(
						"History of rollouts",
						["Revision", "Outcome", "Ended", "Took", "Why"],
						detail.history.map(({ revision, outcome, startedAt, endedAt, reason = "", message = "" }) => [
							revision,
							outcome === "Succeeded" ? "✓ Succeeded" : `✕ ${outcome}`,
							`${ageText(endedAt, now)} ago`,
							ageText(startedAt, Date.parse(endedAt)),
							message === "" ? reason : message,
						]),
					),
		),
		card(
			"spec",
			"Spec",
			h("details", null, h("summary", null, "Show the YAML"), h("pre", { tabIndex: 0 }, detail.spec)),
		),
	);
}

function timeline({ detail, summary, now }: Loaded): VNode {
	const { step } = summary;
	const due = dueText(summary.nextCheckAt, now);
	const place = (index: number) =>
		step === undefined ? "" : index + 1 < step ? "done" : index + 1 === step ? "here" : "";
	const words = { done: "✓ done", here: "▸ now", "": "" } as const;
	return card(
		"timeline",
		"Steps",
		h("p", null, h("strong", null, "Next: "), summary.next, due === "" ? "" : `, ${due}`),
		detail.startedAt === undefined
			? null
			: h("p", { class: "quiet" }, `The rollout began ${ageText(detail.startedAt, now)} ago`),
		detail.steps.length === 0
			? h(
					"p",
					{ class: "quiet" },
					summary.steps === undefined
						? "No steps are planned."
						: `Step ${step} of ${summary.steps}; the plan was edited meanwhile.`,
				)
			: h(
					"ol",
					{ class: "steps" },
					detail.steps.map(({ share, until }, index) => {
						const is = place(index);
						return h(
							"li",
							{ class: is, ...(is === "here" ? { "aria-current": "step" } : {}) },
							h("strong", null, share),
							h("span", null, until),
							h("span", { class: "quiet" }, words[is]),
							is === "here" && detail.inForceSince !== undefined
								? h("span", { class: "quiet" }, `in force for ${ageText(detail.inForceSince, now)}`)
								: null,
						);
					}),
				),
	);
}

function goldenCard(golden: GoldenTable | undefined): VNode {
	const rows = golden?.rows ?? [];
	return card(
		"golden",
		"Golden signals",
		golden === undefined ? h("p", null, "Loading…") : null,
		golden?.message === undefined ? null : h("p", { class: "message" }, golden.message),
		rows.length === 0
			? null
			: table(
					"Golden signals",
					["Workload", "Role", "Success rate", "RPS", "P50", "P95", "P99"],
					rows.map(({ kind, name, of, successRate, rps, p50, p95, p99 }) => [
						h("span", { class: kind === "Pod" ? "indent" : "" }, `${kind} ${name}`),
						of,
						numberText(successRate, "%"),
						numberText(rps),
						...[p50, p95, p99].map((ms) => numberText(ms, "ms")),
					]),
				),
	);
}

function differenceCard({ primary, candidate }: Detail): VNode {
	const title = "Difference of the pod templates";
	if (primary === undefined || candidate === undefined) {
		return card(
			"difference",
			title,
			h("p", { class: "quiet" }, "It takes both a primary and a candidate to tell one."),
		);
	}
	const lines = diffLines(primary.template, candidate.template);
	const marks = { same: "  ", removed: "− ", added: "+ " } as const;
	return card(
		"difference",
		title,
		h("p", { class: "quiet" }, `− ${primary.name}, + ${candidate.name}`),
		lines.every(({ kind }) => kind === "same")
			? h("p", null, "They are the same.")
			: h(
					"pre",
					{ tabIndex: 0, "aria-label": title },
					lines.map(({ kind, text }) => h("span", { class: kind }, `${marks[kind]}${text}\n`)),
				),
	);
}
