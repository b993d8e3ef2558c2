import type { VNode } from "preact";
import type { Detail, GoldenRow, GoldenTable, Summary, WorkloadLine } from "../server/dashboard/wire.ts";
import { h } from "./element.ts";
import { numberText } from "./time.ts";

const ROW = 46;
/** More pods than this of one workload are told as a number. */
const PODS_MAX = 6;

/** Whether a workload answers well, in a word that a colour and a line's dashes repeat. */
export function healthOf(row: GoldenRow | undefined): "healthy" | "degraded" | "failing" | "unknown" {
	if (row?.successRate === undefined) return "unknown";
	return row.successRate >= 99 ? "healthy" : row.successRate >= 95 ? "degraded" : "failing";
}

interface Node {
	readonly x: number;
	readonly y: number;
	readonly title: string;
	readonly text: string;
	readonly tone: string;
}

/** Clients, the route, primary and candidate, and their pods; edges as wide as their share of the traffic. */
export function trafficGraph(detail: Detail, golden: GoldenTable | undefined, summary: Summary): VNode {
	const rowOf = (name: string) => golden?.rows.find((row) => row.name === name);
	const sides = [
		{ of: "primary", share: 100 - summary.weight, workload: detail.primary },
		{ of: "candidate", share: summary.weight, workload: detail.candidate },
	].filter((side): side is typeof side & { readonly workload: WorkloadLine } => side.workload !== undefined);
	const hasFailed = summary.checks.some(({ verdict }) => verdict === "failed");
	const nodes: Node[] = [];
	const edges: VNode[] = [];
	let y = 10;
	const placed = sides.map(({ of, share, workload }) => {
		const pods = workload.pods.slice(0, PODS_MAX);
		const rows = Math.max(1, pods.length + (workload.pods.length > PODS_MAX ? 1 : 0));
		const middle = y + (rows * ROW) / 2;
		const seen = healthOf(rowOf(workload.name));
		// What the checks say of the candidate outweighs that it answers without errors: it may be slow.
		const health = of === "candidate" && share > 0 && hasFailed ? "failing" : seen;
		const rate = rowOf(workload.name)?.successRate;
		nodes.push({
			x: 300,
			y: middle,
			title: workload.name,
			text: `${of}, ${share} %, ${health === "unknown" ? `${workload.ready}/${workload.replicas} ready` : numberText(rate, "% good")}`,
			tone: health,
		});
		pods.forEach((pod, index) => {
			const at = y + index * ROW + ROW / 2;
			const tone = pod.isReady ? healthOf(rowOf(pod.name)) : "failing";
			nodes.push({
				x: 520,
				y: at,
				title: pod.name,
				text: `${pod.isReady ? "✓ ready" : `✕ ${pod.state}`}, ${pod.image}`,
				tone,
			});
			if (pod.isReady) edges.push(edge(490, middle, 520, at, share / pods.length, tone));
		});
		if (workload.pods.length > PODS_MAX) {
			nodes.push({
				x: 520,
				y: y + PODS_MAX * ROW + ROW / 2,
				title: `${workload.pods.length - PODS_MAX} more pods`,
				text: "",
				tone: "unknown",
			});
		}
		y += rows * ROW + 14;
		return { middle, share, health, of };
	});
	const height = Math.max(y, 70);
	const center = height / 2;
	nodes.push({ x: 0, y: center, title: "Clients", text: "", tone: "unknown" });
	nodes.push({
		x: 120,
		y: center,
		title: detail.route?.kind ?? "Service",
		text: detail.route?.name ?? "",
		tone: "unknown",
	});
	edges.push(edge(90, center, 120, center, 100, "unknown"));
	for (const { middle, share, health, of } of placed) {
		edges.push(edge(250, center, 300, middle, share, health));
		if (of === "candidate" && summary.mirror > 0)
			edges.push(edge(250, center + 8, 300, middle + 8, summary.mirror / 4, "copies"));
	}
	const spoken = placed
		.map(({ of, share, health }) => `${of} ${share} %, ${health === "unknown" ? "health unknown" : health}`)
		.join("; ");
	const copies = summary.mirror > 0 ? `; copies of ${summary.mirror} % to the candidate` : "";
	return h(
		"div",
		{ class: "scroll", role: "region", "aria-label": "Traffic graph", tabIndex: 0 },
		h(
			"svg",
			{ class: "graph", viewBox: `0 0 740 ${height}`, role: "img", "aria-label": `Traffic: ${spoken}${copies}` },
			edges,
			nodes.map(box),
		),
		h("p", { class: "quiet" }, `Clients → route → ${spoken}${copies}`),
	);
}

const WIDTHS: Readonly<Record<number, number>> = { 0: 90, 120: 130, 300: 190, 520: 216 };

function box({ x, y, title, text, tone }: Node): VNode {
	const width = WIDTHS[x] ?? 100;
	const chars = Math.floor((width - 14) / 8);
	return h(
		"g",
		{ class: `node ${tone}`, transform: `translate(${x} ${y - 19})` },
		h("title", null, `${title} ${text}`),
		h("rect", { width, height: 38, rx: 6 }),
		h("text", { x: 8, y: text === "" ? 23 : 16 }, clipped(title, chars)),
		text === "" ? null : h("text", { class: "small", x: 8, y: 31 }, clipped(text, Math.floor((width - 14) / 5.8))),
	);
}

function edge(x1: number, y1: number, x2: number, y2: number, share: number, tone: string): VNode {
	const middle = (x1 + x2) / 2;
	return h("path", {
		class: `edge ${share === 0 ? "idle" : tone}`,
		d: `M${x1} ${y1} C${middle} ${y1} ${middle} ${y2} ${x2} ${y2}`,
		"stroke-width": share === 0 ? 1 : 1.5 + share / 10,
	});
}

function clipped(text: string, chars: number): string {
	return text.length > chars
		? `${text.slice(0, Math.ceil(chars / 2) - 1)}…${text.slice(-Math.floor(chars / 2))}`
		: text;
}
