import type { Phase } from "../api/canary-status.ts";
import type { CaseReport, Report } from "./dry-run.ts";
import { time } from "./text.ts";
import type { TimelineEvent } from "./timeline.ts";

const WIDTH = 900;
const PANEL_HEIGHT = 300;
const PLOT = { left: 56, right: 876, top: 64, bottom: 246 } as const;
const DOTS_MAX = 400;

const STYLE = `
	.haldane { font: 13px system-ui, sans-serif; }
	.haldane text { fill: #1f2933; }
	.haldane .ground { fill: #ffffff; }
	.haldane .title { font-size: 15px; font-weight: 600; }
	.haldane .axis { stroke: #7b8794; stroke-width: 1; fill: none; }
	.haldane .grid { stroke: #d9dee3; stroke-width: 1; fill: none; }
	.haldane .band { fill: #eef2f6; }
	.haldane .band.other { fill: #dfe7ee; }
	.haldane .weight { stroke: #1a56b0; stroke-width: 2.5; fill: none; }
	.haldane .new { stroke: #1a56b0; stroke-width: 1.5; stroke-dasharray: 2 4; fill: none; }
	.haldane .mirror { stroke: #7a3fb0; stroke-width: 2; stroke-dasharray: 7 4; fill: none; }
	.haldane .passed { fill: #1b7f3b; }
	.haldane .failed { fill: #c22727; }
	.haldane .inconclusive { fill: #ffffff; stroke: #8a5a00; stroke-width: 2; }
	@media (prefers-color-scheme: dark) {
		.haldane text { fill: #e4e7eb; }
		.haldane .ground { fill: #15191e; }
		.haldane .grid { stroke: #343c46; }
		.haldane .band { fill: #1e242b; }
		.haldane .band.other { fill: #28303a; }
		.haldane .weight, .haldane .new { stroke: #7db3ff; }
		.haldane .mirror { stroke: #c79bf2; }
		.haldane .passed { fill: #5bd085; }
		.haldane .failed { fill: #ff7b7b; }
		.haldane .inconclusive { fill: #15191e; stroke: #f0b429; }
	}`;

/** A picture of the report, a panel a scenario: the candidate's weight over time, phases as bands, verdicts as dots. */
export function svgOf({ canary, scenarios }: Report): string {
	const height = Math.max(1, scenarios.length) * PANEL_HEIGHT;
	const said = scenarios.map((one) => `${one.name}: ${one.outcome} after ${time(one.durationSeconds)}`).join("; ");
	return [
		`<svg xmlns="http://www.w3.org/2000/svg" class="haldane" role="img" aria-labelledby="title desc" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}">`,
		`<title id="title">${escaped(`Dry run of Canary ${canary}`)}</title>`,
		`<desc id="desc">${escaped(`The candidate's share of requests over time. ${said}.`)}</desc>`,
		`<style>${STYLE}</style>`,
		`<rect class="ground" width="${WIDTH}" height="${height}"/>`,
		...scenarios.map((one, index) => `<g transform="translate(0 ${index * PANEL_HEIGHT})">${panel(one, canary)}</g>`),
		"</svg>",
	].join("\n");
}

function panel(one: CaseReport, canary: string): string {
	const { events, traffic } = one;
	const end = Math.max(1, one.durationSeconds, events.at(-1)?.atSeconds ?? 0);
	const x = (seconds: number) => round(PLOT.left + (Math.min(seconds, end) / end) * (PLOT.right - PLOT.left));
	const stepped = (share: (point: CaseReport["traffic"][number]) => number) => {
		const [first, ...rest] = traffic;
		const start = first === undefined ? "" : `M${x(first.atSeconds)} ${y(share(first))}`;
		return `${start}${rest.map((point) => `H${x(point.atSeconds)}V${y(share(point))}`).join("")}H${x(end)}`;
	};
	const path = (name: string, share: (point: CaseReport["traffic"][number]) => number) =>
		`<path class="${name}" d="${stepped(share)}"/>`;
	const isMirrored = traffic.some(({ mirror }) => mirror > 0);
	const isTaken = traffic.some(({ newVersion, candidate }) => newVersion !== candidate);
	const outcome = `${one.outcome.replace("-", " ")} after ${time(one.durationSeconds)}`;
	return [
		`<text class="title" x="${PLOT.left}" y="26">${escaped(clipped(`${canary}, ${one.name}: ${outcome}`, 100))}</text>`,
		...bands(events, end, x),
		...grid(end, x),
		...(isMirrored ? [path("mirror", ({ mirror }) => mirror)] : []),
		...(isTaken ? [path("new", ({ newVersion }) => newVersion)] : []),
		path("weight", ({ candidate }) => candidate),
		...dots(events, x),
		legend(isMirrored, isTaken),
	].join("\n");
}

/** A band a phase, named where there is room for it. */
function bands(events: readonly TimelineEvent[], end: number, x: (seconds: number) => number): readonly string[] {
	const starts: { readonly phase: Phase; readonly at: number }[] = [];
	for (const { phase, atSeconds } of events) if (starts.at(-1)?.phase !== phase) starts.push({ phase, at: atSeconds });
	return starts.flatMap(({ phase, at }, index) => {
		const left = x(at);
		const width = round(x(starts[index + 1]?.at ?? end) - left);
		if (width <= 0) return [];
		const isNamed = width > phase.length * 7 + 8;
		return [
			`<rect class="band${index % 2 === 0 ? "" : " other"}" x="${left}" y="${PLOT.top - 20}" width="${width}" height="${PLOT.bottom - PLOT.top + 20}"><title>${escaped(`${phase} from ${time(at)}`)}</title></rect>`,
			...(isNamed ? [`<text x="${round(left + 4)}" y="${PLOT.top - 6}">${escaped(phase)}</text>`] : []),
		];
	});
}

function grid(end: number, x: (seconds: number) => number): readonly string[] {
	const shares = [0, 25, 50, 75, 100].flatMap((share) => [
		`<path class="grid" d="M${PLOT.left} ${y(share)}H${PLOT.right}"/>`,
		`<text x="${PLOT.left - 6}" y="${y(share) + 4}" text-anchor="end">${share} %</text>`,
	]);
	const step = tick(end);
	const times = Array.from({ length: Math.floor(end / step) + 1 }, (_, index) => index * step).flatMap((seconds) => [
		`<path class="axis" d="M${x(seconds)} ${PLOT.bottom}v5"/>`,
		`<text x="${x(seconds)}" y="${PLOT.bottom + 19}" text-anchor="middle">${time(seconds)}</text>`,
	]);
	return [...shares, `<path class="axis" d="M${PLOT.left} ${PLOT.bottom}H${PLOT.right}"/>`, ...times];
}

const TICKS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 14_400, 21_600, 43_200, 86_400];

/** Seconds between two marks, so that there are at most ten. */
function tick(end: number): number {
	return TICKS.find((seconds) => end / seconds <= 10) ?? Math.ceil(end / 864_000) * 86_400;
}

function dots(events: readonly TimelineEvent[], x: (seconds: number) => number): readonly string[] {
	const rounds = events.filter(({ verdict }) => verdict !== undefined);
	const every = Math.ceil(rounds.length / DOTS_MAX);
	return rounds
		.filter((_, index) => index % every === 0 || index === rounds.length - 1)
		.map(({ atSeconds, weight, verdict = "passed", text }) => {
			const told = escaped(clipped(`${time(atSeconds)}: ${text}`, 300));
			return `<circle class="${verdict}" cx="${x(atSeconds)}" cy="${y(weight)}" r="4.5"><title>${told}</title></circle>`;
		});
}

function legend(isMirrored: boolean, isTaken: boolean): string {
	const top = PANEL_HEIGHT - 14;
	const items: readonly (readonly [string, string])[] = [
		["weight", "candidate's share"],
		...(isMirrored ? [["mirror", "copies to the candidate"] as const] : []),
		...(isTaken ? [["new", "answered by the new version"] as const] : []),
		["passed", "passed"],
		["failed", "failed"],
		["inconclusive", "no answer"],
	];
	let left: number = PLOT.left;
	return items
		.map(([name, text]) => {
			const isLine = ["weight", "mirror", "new"].includes(name);
			const mark = isLine
				? `<path class="${name}" d="M${left} ${top - 4}h22"/>`
				: `<circle class="${name}" cx="${left + 11}" cy="${top - 4}" r="4.5"/>`;
			const item = `${mark}<text x="${left + 28}" y="${top}">${text}</text>`;
			left += 48 + text.length * 7;
			return item;
		})
		.join("");
}

function y(share: number): number {
	return round(PLOT.bottom - (share / 100) * (PLOT.bottom - PLOT.top));
}

function round(value: number): number {
	return Math.round(value * 10) / 10;
}

function clipped(text: string, lengthMax: number): string {
	const characters = [...text];
	return characters.length > lengthMax ? `${characters.slice(0, lengthMax - 1).join("")}…` : text;
}

const ENTITIES: Readonly<Record<string, string>> = {
	"&": "&amp;",
	"<": "&lt;",
	">": "&gt;",
	'"': "&quot;",
	"'": "&#39;",
};

/** Text that XML takes as text: what it cannot hold at all is left out. */
function escaped(text: string): string {
	return text
		.replaceAll(/[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu, "")
		.replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? "");
}
