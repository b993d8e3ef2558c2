import type { Log } from "../../../src/domain/log.ts";

export interface Logged {
	readonly level: keyof Log;
	readonly message: string;
	readonly fields: Readonly<Record<string, unknown>>;
}

/** A log that keeps what it is told. */
export function keptLog(): { readonly log: Log; readonly lines: readonly Logged[] } {
	const lines: Logged[] = [];
	const keep = (level: keyof Log) => (fields: object, message: string) => {
		lines.push({ level, message, fields: { ...fields } });
	};
	return { log: { debug: keep("debug"), info: keep("info"), warn: keep("warn"), error: keep("error") }, lines };
}
