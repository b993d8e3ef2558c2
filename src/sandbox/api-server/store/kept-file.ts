import { closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { z } from "zod";
import { Failure } from "../../../domain/failure.ts";
import { CannotStart } from "../../loopback.ts";

/** A file could not be written. What was in it before is still there. */
export class CannotKeep extends Failure {
	override readonly name = "CannotKeep";
	readonly remedy = "retry";
}

/** A JSON file in a data folder. */
export interface KeptFile<Content> {
	/** What errors call it, such as `the sandbox's state`. */
	readonly what: string;
	readonly path: string;
	readonly schema: z.ZodType<Content>;
	/** What moving a broken file away leads to. */
	readonly afresh: string;
}

/** Undefined when there is none. Throws CannotStart, naming the file and the mend, when it can't be used; it is left as it is. */
export function readKept<Content>({ what, path, schema, afresh }: KeptFile<Content>): Content | undefined {
	const broken = (why: string) =>
		new CannotStart(
			`${what} in ${path} is broken (${why}): move the file away ${afresh}, or give another folder with --data-dir`,
		);
	let text: string;
	try {
		text = readFileSync(path, "utf8");
	} catch (error) {
		const { code, message } = error as NodeJS.ErrnoException;
		if (code === "ENOENT") return undefined;
		throw new CannotStart(
			`${what} in ${path} cannot be read (${message}): make it readable for this user, or give another folder with --data-dir`,
		);
	}
	let json: unknown;
	try {
		json = JSON.parse(text);
	} catch (error) {
		throw broken((error as Error).message);
	}
	const parsed = schema.safeParse(json);
	if (!parsed.success) throw broken(z.prettifyError(parsed.error));
	return parsed.data;
}

/** Replaces the file at once, for its owner alone: a crash or a full disk leaves the old one or the new one. Throws CannotKeep. */
export function replaceFile(what: string, path: string, text: string): void {
	const beside = `${path}.new`;
	try {
		const file = openSync(beside, "w", 0o600);
		try {
			writeFileSync(file, text);
			fsyncSync(file);
			renameSync(beside, path);
		} catch (error) {
			rmSync(beside, { force: true });
			throw error;
		} finally {
			closeSync(file);
		}
	} catch (error) {
		throw new CannotKeep(
			`${what} could not be written to ${path} (${(error as Error).message}), and what it held before is still there: make room, or make the folder writable`,
		);
	}
}
