import type { VNode } from "preact";
import { useState } from "preact/hooks";
import type { Summary } from "../server/dashboard/wire.ts";
import { h } from "./element.ts";
import { phaseBadge, weightBar } from "./parts.ts";
import { keyOf, type World } from "./state.ts";
import { ageText, dueText } from "./time.ts";

/** All Canaries, and what each waits for. */
export function overview(world: World, now: number): VNode {
	return h(Overview, { canaries: [...world.canaries.values()], now });
}

function Overview({ canaries, now }: { readonly canaries: readonly Summary[]; readonly now: number }): VNode {
	const [filter, setFilter] = useState("");
	const shown = canaries
		.filter((canary) => fits(canary, filter))
		.sort((one, other) => keyOf(one).localeCompare(keyOf(other)));
	return h(
		"div",
		null,
		h("h1", null, "Canaries"),
		canaries.length === 0
			? h("p", { class: "card" }, "There are no Canaries yet. Apply one, and it appears here.")
			: h(
					"div",
					null,
					h(
						"p",
						{ class: "filter" },
						h("label", { for: "filter" }, "Filter"),
						h("input", {
							id: "filter",
							type: "search",
							placeholder: "name, namespace or phase",
							value: filter,
							onInput: (event: Event) => setFilter((event.target as HTMLInputElement).value),
						}),
						h("span", { role: "status" }, `${shown.length} of ${canaries.length}`),
					),
					h(
						"ul",
						{ class: "canaries" },
						shown.map((canary) => h("li", { key: keyOf(canary) }, row(canary, now))),
					),
				),
	);
}

/** Every word of the filter is somewhere in it. */
export function fits({ namespace, name, phase, target, message }: Summary, filter: string): boolean {
	const text = [namespace, name, phase, target, message].join(" ").toLowerCase();
	return filter
		.toLowerCase()
		.split(/\s+/)
		.every((word) => text.includes(word));
}

function row(canary: Summary, now: number): VNode {
	const { namespace, name, phase, isPaused, step, steps, weight, mirror, nextCheckAt, next, message, since } = canary;
	return h(
		"article",
		{ class: "card line" },
		h(
			"h2",
			null,
			h("a", { href: `#/canaries/${namespace}/${name}` }, h("span", { class: "quiet" }, `${namespace}/`), name),
		),
		h(
			"p",
			null,
			phaseBadge(phase, isPaused),
			h("span", { class: "quiet" }, since === undefined ? "" : ` for ${ageText(since, now)}`),
		),
		h(
			"p",
			null,
			weightBar(weight, mirror),
			step === undefined ? "" : h("span", { class: "quiet" }, `step ${step}/${steps}`),
		),
		h(
			"p",
			{ class: "wide" },
			h("span", { class: "quiet" }, "Next: "),
			next,
			nextCheckAt === undefined ? "" : `, ${dueText(nextCheckAt, now)}`,
		),
		message === "" ? null : h("p", { class: "wide message" }, message),
	);
}
