import type { Phase } from "../api/canary-status.ts";
import type { CaseReport, Report } from "./dry-run.ts";
import { time } from "./text.ts";
import type { TimelineEvent } from "./timeline.ts";

const WIDTH = 900;
const PANEL_HEIGHT = 320;
const PLOT = { left: 56, right: 876, top: 84, bottom: 264 } as const;
/** Of the time that is drawn, this share comes after the last event: how things stay. */
const AFTERWARDS = 0.1;
const CHARACTER_WIDTH = 7.2;
const DOTS_MAX = 400;
const DOT_RADIUS = { most: 4.5, least: 2 } as const;

const STYLE = `
	.haldane { font: 13px system-ui, sans-serif; }
	.haldane text { fill: #1f2933; }
	.haldane .ground { fill: #ffffff; }
	.haldane .title { font-size: 15px; font-weight: 600; }
	.haldane .quiet { fill: #52606d; }
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
		.haldane .quiet { fill: #a3b0bd; }
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
	const panels = scenarios.map(
		(one, at) => `<g transform="translate(0 ${at * PANEL_HEIGHT})">${panel(one, canary)}</g>`,
	);
	const id = `haldane-${fingerprint(canary + panels.join(""))}`;
	return [
		`<svg xmlns="http://www.w3.org/2000/svg" class="haldane" role="img" aria-labelledby="${id}-title ${id}-desc" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}">`,
		`<title id="${id}-title">${escaped(`Dry run of Canary ${canary}`)}</title>`,
		`<desc id="${id}-desc">${escaped(`The candidate's share of requests over time. ${said}.`)}</desc>`,
		`<style>${STYLE}</style>`,
		`<rect class="ground" width="${WIDTH}" height="${height}"/>`,
		...panels,
		"</svg>",
	].join("\n");
}

function panel(one: CaseReport, canary: string): string {
	const { events, traffic } = one;
	const end = Math.max(1, one.durationSeconds, events.at(-1)?.atSeconds ?? 0) / (1 - AFTERWARDS);
	const x = (seconds: number) => round(PLOT.left + (Math.min(seconds, end) / end) * (PLOT.right - PLOT.left));
	const copies = stretches(traffic, end, ({ mirror }) => mirror);
	const taken = stretches(traffic, end, ({ newVersion, candidate }) => (newVersion === candidate ? 0 : newVersion));
	const [start, ...changes] = traffic;
	const weight = [
		`M${PLOT.left} ${y(start?.candidate ?? 0)}`,
		...changes.map(({ atSeconds, candidate }) => `H${x(atSeconds)}V${y(candidate)}`),
		`H${PLOT.right}`,
	].join("");
	const outcome = `${one.outcome.replace("-", " ")} after ${time(one.durationSeconds)}`;
	const block = ({ from, until, share }: Stretch) => {
		const down = until === end ? "" : `V${y(0)}`;
		return `M${x(from)} ${y(0)}V${y(share)}H${x(until)}${down}`;
	};
	const verdicts = new Set(events.map(({ verdict }) => verdict));
	return [
		`<text class="title" x="${PLOT.left}" y="24">${escaped(clipped(`${canary}, ${one.name}: ${outcome}`, 100))}</text>`,
		`<text class="quiet" x="${PLOT.left}" y="45">${harmText(one.requests)}</text>`,
		...bands(events, end, x),
		...grid(end, x),
		...(copies.length > 0 ? [`<path class="mirror" d="${copies.map(block).join("")}"/>`] : []),
		...(taken.length > 0 ? [`<path class="new" d="${taken.map(block).join("")}"/>`] : []),
		`<path class="weight" d="${weight}"/>`,
		...dots(events, x),
		legend([
			["weight", "candidate's share"],
			...(copies.length > 0 ? [["mirror", "copies to the candidate"] as const] : []),
			...(taken.length > 0 ? [["new", "answered by the new version"] as const] : []),
			...(verdicts.has("passed") ? [["passed", "passed"] as const] : []),
			...(verdicts.has("failed") ? [["failed", "failed"] as const] : []),
			...(verdicts.has("inconclusive") ? [["inconclusive", "no answer"] as const] : []),
		]),
	].join("\n");
}

function harmText({ total, bad, badPercent }: CaseReport["requests"]): string {
	if (bad === 0) return `none of ${total} requests met a bad version`;
	return `${bad} of ${total} requests (${Number(badPercent.toPrecision(3))} %) met a bad version`;
}

/** A time in which a share was above zero, and the same. */
interface Stretch {
	readonly from: number;
	readonly until: number;
	readonly share: number;
}

function stretches(
	traffic: CaseReport["traffic"],
	end: number,
	of: (point: CaseReport["traffic"][number]) => number,
): readonly Stretch[] {
	return traffic
		.map((point, at) => ({ from: point.atSeconds, until: traffic[at + 1]?.atSeconds ?? end, share: of(point) }))
		.filter(({ share }) => share > 0);
}

/** A band a phase, named where there is room for it. */
function bands(events: readonly TimelineEvent[], end: number, x: (seconds: number) => number): readonly string[] {
	const starts: { readonly phase: Phase; readonly at: number }[] = [];
	for (const { phase, atSeconds } of events) if (starts.at(-1)?.phase !== phase) starts.push({ phase, at: atSeconds });
	const shown = starts
		.map(({ phase, at }, index) => ({ phase, at, left: x(at), right: x(starts[index + 1]?.at ?? end) }))
		.filter(({ left, right }) => right > left);
	return shown.flatMap(({ phase, at, left, right }, index) => {
		const width = round(right - left);
		const isRoomy = width > phase.length * CHARACTER_WIDTH + 8;
		const upright = `<text class="quiet" x="${round(left + 4)}" y="${PLOT.top - 6}">${escaped(phase)}</text>`;
		const across = round(left + width / 2 + 4);
		const turned = `<text class="quiet" transform="translate(${across} ${PLOT.top - 16}) rotate(-90)" text-anchor="end">${escaped(phase)}</text>`;
		return [
			`<rect class="band${index % 2 === 0 ? "" : " other"}" x="${left}" y="${PLOT.top - 20}" width="${width}" height="${PLOT.bottom - PLOT.top + 20}"><title>${escaped(`${phase} from ${time(at)}`)}</title></rect>`,
			...(isRoomy ? [upright] : width > 14 ? [turned] : []),
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
	const apart = (PLOT.right - PLOT.left) / Math.max(1, rounds.length);
	const radius = round(Math.max(DOT_RADIUS.least, Math.min(DOT_RADIUS.most, apart * 0.4)));
	return rounds
		.filter((_, index) => index % every === 0 || index === rounds.length - 1)
		.map(({ atSeconds, weight, verdict = "passed", text }) => {
			const told = escaped(clipped(`${time(atSeconds)}: ${text}`, 300));
			return `<circle class="${verdict}" cx="${x(atSeconds)}" cy="${y(weight)}" r="${radius}"><title>${told}</title></circle>`;
		});
}

function legend(items: readonly (readonly [name: string, text: string])[]): string {
	const top = PANEL_HEIGHT - 14;
	let left: number = PLOT.left;
	return items
		.map(([name, text]) => {
			const isLine = ["weight", "mirror", "new"].includes(name);
			const mark = isLine
				? `<path class="${name}" d="M${round(left)} ${top - 4}h22"/>`
				: `<circle class="${name}" cx="${round(left + 11)}" cy="${top - 4}" r="${DOT_RADIUS.most}"/>`;
			const item = `${mark}<text x="${round(left + 28)}" y="${top}">${text}</text>`;
			left += 46 + text.length * CHARACTER_WIDTH;
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

/** Tells one picture's ids from another's on the same page: FNV-1a. */
function fingerprint(text: string): string {
	let hash = 0x811c9dc5;
	for (const character of text) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193) >>> 0;
	return hash.toString(36);
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
