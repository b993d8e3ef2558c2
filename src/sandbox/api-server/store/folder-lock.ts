import { randomUUID } from "node:crypto";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CannotStart } from "../../loopback.ts";
import { CannotKeep } from "./kept-file.ts";

/** A folder that one sandbox alone writes to. */
export interface FolderLock {
	/** Throws CannotKeep when the folder has come to be another's, whose files must not be written over. */
	requireHeld(): void;
	release(): void;
}

/** Tells this process from an earlier one that had the same number, as in a container. */
const RUN = randomUUID();

/** Makes the folder, and takes it. Throws CannotStart, naming the file and the mend, when another has it or it can't be used. */
export function lockFolder(folder: string): FolderLock {
	const path = join(folder, "lock");
	// Beside the run there is a number of its own: the same process may hold several folders, and none of them twice.
	const own = `${process.pid} ${RUN} ${randomUUID()}\n`;
	try {
		mkdirSync(folder, { recursive: true, mode: 0o700 });
		if (!made(path, own)) {
			const holder = holderOf(path);
			if (holder !== undefined) throw taken(folder, path, holder);
			// Whoever held it ended without giving it back.
			rmSync(path, { force: true });
			if (!made(path, own)) throw taken(folder, path, holderOf(path) ?? 0);
		}
	} catch (error) {
		if (error instanceof CannotStart) throw error;
		throw new CannotStart(
			`the data folder ${folder} cannot be used (${(error as Error).message}): make it writable for this user, or give another with --data-dir`,
		);
	}
	return {
		requireHeld() {
			if (contentOf(path) === own) return;
			throw new CannotKeep(
				`the data folder ${folder} has been taken by another sandbox, as ${path} says: nothing is written there any more; stop one of the two`,
			);
		},
		release() {
			if (contentOf(path) === own) rmSync(path, { force: true });
		},
	};
}

function made(path: string, own: string): boolean {
	try {
		writeFileSync(path, own, { flag: "wx", mode: 0o600 });
		return true;
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
		throw error;
	}
}

/** The process that holds it; undefined when that runs no more. */
function holderOf(path: string): number | undefined {
	const [number = "", run] = contentOf(path)?.split(/\s/) ?? [];
	const pid = Number(number);
	if (!(Number.isInteger(pid) && pid > 0)) return undefined;
	if (pid === process.pid) return run === RUN ? pid : undefined;
	try {
		process.kill(pid, 0);
	} catch (error) {
		// Another user's process may not be asked, and runs.
		if ((error as NodeJS.ErrnoException).code === "ESRCH") return undefined;
	}
	return pid;
}

function contentOf(path: string): string | undefined {
	try {
		return readFileSync(path, "utf8");
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
		throw error;
	}
}

function taken(folder: string, path: string, pid: number): CannotStart {
	return new CannotStart(
		`the data folder ${folder} is in use by process ${pid}: stop that sandbox, or give another folder with --data-dir; if it is none, delete ${path}`,
	);
}
