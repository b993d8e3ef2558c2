import type { VNode } from "preact";
import { h } from "./element.ts";

/** A phase by its word and a sign, so that the colour says nothing alone. */
const signs: Readonly<Record<string, readonly [sign: string, tone: string]>> = {
	"": ["…", "quiet"],
	Initializing: ["◔", "busy"],
	Initialized: ["✓", "good"],
	Waiting: ["⏸", "hold"],
	Progressing: ["▶", "busy"],
	WaitingPromotion: ["⏸", "hold"],
	Promoting: ["▲", "busy"],
	Finalising: ["◕", "busy"],
	Succeeded: ["✓", "good"],
	Failed: ["✕", "bad"],
	Terminating: ["◌", "quiet"],
};

export function phaseBadge(phase: string, isPaused: boolean): VNode {
	const [sign, tone] = isPaused ? ["⏸", "hold"] : (signs[phase] ?? ["?", "quiet"]);
	const word = phase === "" ? "Not looked at yet" : phase;
	return h(
		"span",
		{ class: `badge ${tone}` },
		h("span", { "aria-hidden": true }, `${sign} `),
		isPaused ? `${word}, paused` : word,
	);
}

/** The Images page, with no more than that workload's. */
export function imagesLink(workload: string): string {
	return `#/images/${workload.split("/").map(encodeURIComponent).join("/")}`;
}

export function weightBar(weight: number, mirror: number): VNode {
	const text = mirror > 0 ? `${weight} % (copies of ${mirror} %)` : `${weight} %`;
	return h(
		"span",
		{ class: "weight" },
		h(
			"svg",
			{ viewBox: "0 0 100 8", preserveAspectRatio: "none", "aria-hidden": true },
			h("rect", { class: "all", width: 100, height: 8 }),
			mirror > 0 && h("rect", { class: "copies", width: mirror, height: 8 }),
			h("rect", { class: "share", width: weight, height: 8 }),
		),
		h("span", null, text),
	);
}

/** A part of the page with a heading; `id` is unique in the page. */
export function card(id: string, title: string, ...content: readonly unknown[]): VNode {
	return h(
		"section",
		{ class: `card ${id}`, "aria-labelledby": `${id}-title` },
		h("h2", { id: `${id}-title` }, title),
		...(content as VNode[]),
	);
}

/** A table that scrolls by itself where the page is narrow. */
export function table(label: string, titles: readonly string[], rows: readonly (readonly unknown[])[]): VNode {
	return h(
		"div",
		{ class: "scroll", role: "region", "aria-label": label, tabIndex: 0 },
		h(
			"table",
			null,
			h(
				"thead",
				null,
				h(
					"tr",
					null,
					titles.map((title) => h("th", { scope: "col" }, title)),
				),
			),
			h(
				"tbody",
				null,
				rows.map(([first, ...cells]) =>
					h(
						"tr",
						null,
						h("th", { scope: "row" }, first as VNode),
						cells.map((cell) => h("td", null, cell as VNode)),
					),
				),
			),
		),
	);
}
