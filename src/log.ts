import pino, { type DestinationStream } from "pino";
import type { Log } from "./domain/log.ts";

/** Levels by the names that zap, and so Flagger, gives them; the last four are one. */
const levels = {
	debug: "debug",
	info: "info",
	warn: "warn",
	warning: "warn",
	error: "error",
	dpanic: "fatal",
	panic: "fatal",
	fatal: "fatal",
} as const;

export type LogLevel = keyof typeof levels;

/** What may be asked for, in the order of help texts. */
export const logLevels = Object.keys(levels) as readonly LogLevel[];
export const logFormats = ["json", "console"] as const;
export type LogFormat = (typeof logFormats)[number];

/** The level of a name in any case; undefined when there is none. */
export function logLevelOf(text: string): LogLevel | undefined {
	const name = text.toLowerCase();
	return logLevels.find((level) => level === name);
}

export interface LoggerOptions {
	readonly level: LogLevel;
	/** `json`: one object a line with `ts` (RFC 3339), `level`, `msg` and the fields. `console`: the same for eyes. */
	readonly format: LogFormat;
	/** In every line. */
	readonly fields?: object;
}

/** The log of the process, written to standard output at once, without worker threads. */
export function createLogger(
	{ level, format, fields = {} }: LoggerOptions,
	destination: DestinationStream = pino.destination({ fd: 1, sync: true }),
): Log {
	const logger = pino(
		{
			level: levels[level],
			base: redacted(fields) as object,
			messageKey: "msg",
			timestamp: () => `,"ts":"${new Date().toISOString()}"`,
			formatters: { level: (label) => ({ level: label }), log: (entry) => redacted(entry) as Record<string, unknown> },
		},
		format === "json" ? destination : consoleLines(destination),
	);
	return {
		debug: (entry, message) => logger.debug(entry, message),
		info: (entry, message) => logger.info(entry, message),
		warn: (entry, message) => logger.warn(entry, message),
		error: (entry, message) => logger.error(entry, message),
	};
}

const HIDDEN = "[hidden]";
const DEPTH_MAX = 8;
const ENTRIES_MAX = 200;
const TEXT_LENGTH_MAX = 8_192;

/** Fields whose values are secrets by their names, however these are written. `secretRef` and its like are not. */
const SECRET_NAME = /(token|passwd|password|secret|authorization|cookie|apikey|privatekey|credentials?)$/;

/** Secrets within texts, with what of them may stay. */
const secretTexts: readonly (readonly [pattern: RegExp, stays: string])[] = [
	[/\b(bearer|basic) [\w.~+/=-]{4,}/gi, "$1 "],
	[/(https?:\/\/)[^/\s@"]+@/gi, "$1"],
	[/(https?:\/\/hooks\.slack\.com\/)[^\s"]+/gi, "$1"],
	[/([?&](?:[\w-]*(?:token|key|secret|password|sig|signature))=)[^&\s"#]+/gi, "$1"],
];

/** The value with everything hidden that is, or looks like, a secret. Errors become their type, message and stack. */
function redacted(value: unknown, depth = 0): unknown {
	if (typeof value === "string") return redactedText(value);
	if (typeof value !== "object" || value === null) return value;
	if (depth >= DEPTH_MAX) return "[deep]";
	if (value instanceof Error) return redactedError(value, depth);
	if (Array.isArray(value)) return value.slice(0, ENTRIES_MAX).map((item) => redacted(item, depth + 1));
	if (value instanceof Date) return value.toISOString();
	const isSecret = "kind" in value && value.kind === "Secret";
	const entries = Object.entries(value).slice(0, ENTRIES_MAX);
	return Object.fromEntries(
		entries.map(([name, field]) => {
			const hides = isSecretName(name) || (isSecret && (name === "data" || name === "stringData"));
			return [name, hides && field !== undefined ? HIDDEN : redacted(field, depth + 1)];
		}),
	);
}

function redactedError({ name, message, stack, cause }: Error, depth: number): object {
	return {
		type: name,
		message: redactedText(message),
		...(stack === undefined ? {} : { stack: redactedText(stack) }),
		...(cause === undefined ? {} : { cause: redacted(cause, depth + 1) }),
	};
}

function isSecretName(name: string): boolean {
	return SECRET_NAME.test(name.toLowerCase().replaceAll(/[^a-z]/g, ""));
}

function redactedText(text: string): string {
	const whole = text.length > TEXT_LENGTH_MAX ? `${text.slice(0, TEXT_LENGTH_MAX)}…` : text;
	return secretTexts.reduce((clean, [pattern, stays]) => clean.replaceAll(pattern, `${stays}${HIDDEN}`), whole);
}

/** `2026-05-01T10:00:00.000Z INFO  message name=value`, with stacks on lines of their own. */
function consoleLines(destination: DestinationStream): DestinationStream {
	return {
		write(line) {
			const { ts, level, msg, ...fields } = JSON.parse(line) as Record<string, unknown>;
			const stacks: string[] = [];
			const words = Object.entries(fields).map(([name, value]) => {
				const { stack, ...rest } = typeof value === "object" && value !== null ? (value as { stack?: unknown }) : {};
				if (typeof stack !== "string") return `${name}=${wordOf(value)}`;
				stacks.push(stack);
				return `${name}=${wordOf(rest)}`;
			});
			const text = [ts, String(level).toUpperCase().padEnd(5), msg, ...words].join(" ");
			destination.write(`${[text, ...stacks].join("\n")}\n`);
		},
	};
}

function wordOf(value: unknown): string {
	return typeof value === "string" && /^[^\s"=]+$/.test(value) ? value : JSON.stringify(value);
}
