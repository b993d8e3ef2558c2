import type { VNode } from "preact";
import { h } from "./element.ts";
import type { Series } from "./state.ts";
import { numberText } from "./time.ts";

const WIDTH = 320;
const HEIGHT = 80;

/** The bound of `>= 99`, `<= 500`; of a range both. */
export function boundsOf(threshold: string | undefined): readonly number[] {
	return [...(threshold ?? "").matchAll(/-?\d+(?:\.\d+)?(?:e[+-]?\d+)?/gi)].map(([text]) => Number(text));
}

/** A check's values over time, and what they are held against. */
export function checkChart({ name, threshold, points }: Series): VNode {
	const latest = points.at(-1);
	const words = `${name}: ${latest === undefined ? "no value" : numberText(latest.value)}, threshold ${threshold ?? "none"}, ${latest?.verdict ?? "not judged"}`;
	const bounds = boundsOf(threshold);
	const values = [...points.map(({ value }) => value), ...bounds];
	const low = Math.min(...values);
	const high = Math.max(...values);
	const pad = (high - low || Math.abs(high) || 1) * 0.1;
	const y = (value: number) => HEIGHT - ((value - low + pad) / (high - low + 2 * pad)) * HEIGHT;
	const first = points[0]?.at ?? 0;
	const span = (latest?.at ?? 0) - first || 1;
	const x = (at: number) => 4 + ((at - first) / span) * (WIDTH - 8);
	return h(
		"figure",
		{ key: name },
		h("figcaption", null, words),
		points.length === 0
			? null
			: h(
					"svg",
					{
						class: "chart",
						viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
						role: "img",
						"aria-label": `${words}; ${points.length} values`,
					},
					bounds.map((bound) => h("line", { class: "threshold", x1: 0, x2: WIDTH, y1: y(bound), y2: y(bound) })),
					h("polyline", {
						points: points.map(({ at, value }) => `${x(at).toFixed(1)},${y(value).toFixed(1)}`).join(" "),
					}),
					points.map(({ at, value, verdict }) =>
						h("circle", { class: verdict, cx: x(at), cy: y(value), r: verdict === "passed" ? 2 : 4 }),
					),
				),
	);
}
