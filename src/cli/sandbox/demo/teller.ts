import { styleText } from "node:util";

/** `narrow`: for a terminal of 80 columns, where a verdict is its mark alone. */
export type Width = "wide" | "narrow";

/** Where the story is told: in colour on a terminal, in plain lines elsewhere. */
export interface Teller {
	/** What a line of progress has room for. */
	readonly width: Width;
	/** A heading, with an empty line before it. */
	heading(text: string): void;
	/** What a person would type. */
	command(text: string): void;
	/** Something happened. */
	line(text: string, mood?: Mood): void;
}

export type Mood = "plain" | "good" | "bad" | "quiet";

const colours = { plain: undefined, good: "green", bad: "red", quiet: "dim" } as const;

/** A terminal of fewer columns gets the narrow lines. */
const WIDE_COLUMNS = 110;

/** Times are counted from now on. */
export function tellTo(stream: NodeJS.WriteStream, now: () => number = () => performance.now()): Teller {
	const startedAt = now();
	const inColour = stream.isTTY === true && (process.env.NO_COLOR ?? "") === "";
	const paint = (format: Parameters<typeof styleText>[0], text: string) =>
		inColour ? styleText(format, text, { validateStream: false }) : text;
	const stamp = () => paint("dim", `${((now() - startedAt) / 1_000).toFixed(1).padStart(6)} s  `);
	return {
		get width() {
			return (stream.columns ?? WIDE_COLUMNS) < WIDE_COLUMNS ? "narrow" : "wide";
		},
		heading: (text) => stream.write(`\n${paint("bold", text)}\n`),
		command: (text) => stream.write(`${stamp()}${paint("cyan", `$ ${text}`)}\n`),
		line(text, mood = "plain") {
			const colour = colours[mood];
			stream.write(`${stamp()}${colour === undefined ? text : paint(colour, text)}\n`);
		},
	};
}

/** `██████░░░░  60 %` */
export function bar(percent: number, width = 20): string {
	const full = Math.round((percent * width) / 100);
	return `${"█".repeat(full)}${"░".repeat(width - full)} ${percent.toFixed(0).padStart(3)} %`;
}
