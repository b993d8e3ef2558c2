/**
 * Draws what the demo has told on a terminal as an SVG picture: recorded text with colours on standard input, the picture
 * on standard output. Each argument is the beginning of a heading whose part is shown; without any, all are.
 *
 *     script -qc 'npm run -s demo' /dev/null | node scripts/picture-demo.ts 'Act 2' 'Act 4' 'What' > docs/images/demo.svg
 */
import { text as readAll } from "node:stream/consumers";

/** Text of one look; `column` is where it begins. */
interface Run {
	readonly column: number;
	readonly text: string;
	readonly look: string;
}

const CELL = { width: 8.4, height: 20 } as const;
const MARGIN = { left: 24, top: 64, bottom: 18 } as const;
const COLUMNS = 108;

const looks: Readonly<Record<string, string>> = {
	"1": "bold",
	"2": "quiet",
	"31": "bad",
	"32": "good",
	"36": "command",
};

const STYLE = `
	text { font: 14px ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", "Liberation Mono", monospace; white-space: pre; fill: #d8dee6; font-variant-emoji: text; }
	.bold { font-weight: 700; fill: #ffffff; }
	.quiet { fill: #8b98a7; }
	.good { fill: #5bd085; }
	.bad { fill: #ff8585; }
	.command { fill: #6cc7f5; }
	.bar { fill-opacity: 0; }
	.full { fill: #7db3ff; }
	.full.bad { fill: #ff8585; }
	.empty { fill: #2f3843; }`;

const lines = linesIn(await readAll(process.stdin));
const shown = chosen(lines, process.argv.slice(2));
if (shown.length === 0) throw new Error("nothing to draw: pipe the recorded demo in, and name headings that it has");
process.stdout.write(picture(shown));

/** Each line as runs of one look. */
function linesIn(recorded: string): readonly (readonly Run[])[] {
	return recorded.split(/\r?\n/).map((line) => {
		const runs: Run[] = [];
		let column = 0;
		// Every part begins with its colour then, the first one too.
		for (const part of `0m${line}`.split("\u001b[")) {
			const [sign = "", code = ""] = /^(\d+)m/.exec(part) ?? [];
			const text = part.slice(sign.length);
			const look = looks[code] ?? "";
			runs.push(...piecesOf(text, column, look));
			column += [...text].length;
		}
		return runs;
	});
}

/** Words that wide gaps part, and bars: each gets a place of its own, so that no font puts them out of line. */
function piecesOf(text: string, column: number, look: string): readonly Run[] {
	return [...text.matchAll(/[█░]+|[✔✘?](?= )|\S(?:(?! {2}|[█░✔✘]).)*/gu)].map((match) => ({
		column: column + [...text.slice(0, match.index)].length,
		text: match[0].trimEnd(),
		look,
	}));
}

/** The parts under these headings, and an ellipsis for what is left out between them. */
function chosen(all: readonly (readonly Run[])[], headings: readonly string[]): readonly (readonly Run[])[] {
	const parts: (readonly Run[])[][] = [];
	for (const line of all) {
		if (line[0]?.look === "bold" && line[0].column === 0) parts.push([]);
		if (line.length > 0) parts.at(-1)?.push(line);
	}
	const ellipsis: readonly Run[] = [{ column: 0, text: "…", look: "quiet" }];
	const drawn: (readonly Run[])[] = [];
	for (const [index, part] of parts.entries()) {
		const title = part[0]?.[0]?.text ?? "";
		const isChosen = headings.length === 0 || headings.some((heading) => title.startsWith(heading));
		if (isChosen) drawn.push(...(drawn.length === 0 ? [] : [[]]), ...part);
		else if (index > 0 && drawn.length > 0 && drawn.at(-1) !== ellipsis) drawn.push([], ellipsis);
	}
	return drawn;
}

function picture(drawn: readonly (readonly Run[])[]): string {
	const width = Math.round(MARGIN.left * 2 + COLUMNS * CELL.width);
	const height = MARGIN.top + drawn.length * CELL.height + MARGIN.bottom;
	const told = drawn.map((line) => line.map(({ text }) => text).join(" ")).join("\n");
	return [
		`<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-labelledby="demo-title demo-desc" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}">`,
		`<title id="demo-title">The demo in a terminal</title>`,
		`<desc id="demo-desc">${escaped(told)}</desc>`,
		`<style>${STYLE}</style>`,
		`<rect x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="10" fill="#12171d" stroke="#3a444f"/>`,
		...["#ff5f57", "#febc2e", "#28c840"].map(
			(fill, at) => `<circle cx="${26 + at * 20}" cy="22" r="6" fill="${fill}"/>`,
		),
		`<text class="quiet" x="${width / 2}" y="27" text-anchor="middle">npm run demo</text>`,
		...drawn.map((line, at) => lineOf(line, MARGIN.top + at * CELL.height)),
		"</svg>\n",
	].join("\n");
}

function lineOf(runs: readonly Run[], y: number): string {
	const isBad = runs.some(({ look }) => look === "bad");
	const bars = runs.filter(({ text }) => /^[█░]/.test(text)).map((run) => barOf(run, y, isBad));
	const words = runs.map(({ column, text, look }) => {
		const looks = /^[█░]/.test(text) ? "bar" : look;
		const width = round([...text].length * CELL.width);
		return `<tspan x="${xOf(column)}" textLength="${width}" lengthAdjust="spacingAndGlyphs"${looks === "" ? "" : ` class="${looks}"`}>${escaped(text)}</tspan>`;
	});
	return words.length === 0 ? "" : `${bars.join("")}<text y="${y}">${words.join(" ")}</text>`;
}

/** A bar is drawn: fonts disagree on its signs, which stay there to be selected. */
function barOf({ column, text }: Run, y: number, isBad: boolean): string {
	const full = text.replace(/░+$/, "").length;
	const part = (from: number, to: number, look: string) =>
		from === to
			? ""
			: `<rect class="${look}" x="${xOf(column + from)}" y="${y - 11}" width="${round((to - from) * CELL.width)}" height="12"/>`;
	return part(0, full, isBad ? "full bad" : "full") + part(full, text.length, "empty");
}

function xOf(column: number): number {
	return round(MARGIN.left + column * CELL.width);
}

function round(value: number): number {
	return Math.round(value * 10) / 10;
}

function escaped(text: string): string {
	return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
