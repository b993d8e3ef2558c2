import type { VNode } from "preact";
import { useState } from "preact/hooks";
import { IMAGE_STATES, type ImageLine, type ImageState } from "../../server/dashboard/wire.ts";
import type { Client } from "../client.ts";
import { h } from "../element.ts";
import { imagesLink } from "../parts.ts";
import { type World, workloadOf } from "../state.ts";
import { imageCard } from "./card.ts";
import { states, suits } from "./words.ts";

interface Given {
	readonly client: Client;
	readonly world: World;
	/** The only workload that is shown; all when undefined. */
	readonly workload: string | undefined;
	readonly now: number;
}

/** All images that are kept up to date, and what each waits for. */
export function imagesPage({ client, world, workload, now }: Given): VNode {
	const [words, setWords] = useState("");
	const [state, setState] = useState<ImageState | "">("");
	const { isLoading, missing } = world.standing;
	const all = [...world.images.values()]
		.flat()
		.filter((line) => workload === undefined || workloadOf(line) === workload);
	const shown = all.filter((line) => suits(line, words, state)).sort(byName);
	const counts = Map.groupBy(all, (line) => line.state);
	return h(
		"div",
		null,
		workload === undefined
			? null
			: h("nav", { "aria-label": "Where you are" }, h("a", { href: "#/images" }, "← All images")),
		h("h1", null, workload === undefined ? "Images" : `Images of ${workload.replace("/", " ")}`),
		missing.map((sentence) => h("p", { class: "card problem", role: "alert" }, sentence)),
		isLoading ? h("p", { class: "card", role: "status" }, "Loading…") : null,
		all.length === 0 && !isLoading
			? h(
					"p",
					{ class: "card" },
					workload === undefined
						? "No images are kept up to date yet. Apply an ImagePolicy, or annotate a workload, and they appear here."
						: `No image of ${workload} is kept up to date now. All images shows those that are.`,
				)
			: null,
		all.length === 0
			? null
			: h(
					"div",
					null,
					h(
						"div",
						{ class: "filter" },
						h("label", { for: "filter" }, "Filter"),
						h("input", {
							id: "filter",
							type: "search",
							placeholder: "workload, image or tag",
							value: words,
							onInput: (event: Event) => setWords((event.target as HTMLInputElement).value),
						}),
						h("label", { for: "state" }, "State"),
						h(
							"select",
							{
								id: "state",
								value: state,
								onChange: (event: Event) => setState((event.target as HTMLSelectElement).value as ImageState | ""),
							},
							h("option", { value: "" }, "Any"),
							IMAGE_STATES.filter((one) => counts.has(one) || one === state).map((one) =>
								h("option", { value: one }, `${states[one][0]} (${counts.get(one)?.length ?? 0})`),
							),
						),
						h("span", { role: "status" }, `${shown.length} of ${all.length}`),
					),
					h(
						"ul",
						{ class: "canaries" },
						shown.map((line) => h("li", { key: lineKey(line) }, h(imageCard, { client, line, now }))),
					),
				),
	);
}

function lineKey(line: ImageLine): string {
	return `${workloadOf(line)}/${line.role}/${line.container}`;
}

function byName(one: ImageLine, other: ImageLine): number {
	const text = ({ namespace, name, kind, container }: ImageLine) => `${namespace}/${name}/${kind}/${container}`;
	return text(one).localeCompare(text(other));
}

/** The workload that a path of the page names, undefined for all; `null` when it is none of the Images page. */
export function imagesAt(path: string): string | undefined | null {
	if (path === "#/images") return undefined;
	const [, kind, namespace, name] = /^#\/images\/([^/]+)\/([^/]+)\/([^/]+)$/.exec(path) ?? [];
	if (kind === undefined || namespace === undefined || name === undefined) return null;
	const workload = `${kind}/${namespace}/${name}`;
	return imagesLink(workload) === path ? workload : null;
}
