import {
	closeSync,
	existsSync,
	fsyncSync,
	mkdirSync,
	openSync,
	readFileSync,
	renameSync,
	writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import type { KubeObject } from "../../../domain/kube-object.ts";
import { CannotStart } from "../../loopback.ts";
import type { StoredState } from "./store.ts";

const FORMAT = "haldane-sandbox/1";

const File = z.object({
	format: z.literal(FORMAT),
	resourceVersion: z.int().min(1),
	collections: z.record(
		z.string(),
		z.array(
			z.looseObject({
				apiVersion: z.string(),
				kind: z.string(),
				metadata: z.looseObject({ name: z.string().min(1), namespace: z.string().optional() }),
			}),
		),
	),
});

/** The file in which a store's state is kept. */
export interface StateFile {
	readonly path: string;
	/** Undefined when nothing was kept. Throws what to do about a file that can't be read. */
	read(): StoredState | undefined;
	/** Replaces the file at once: a crash leaves the old one or the new one. */
	write(state: StoredState): void;
}

export function stateFileIn(folder: string): StateFile {
	const path = join(folder, "state.json");
	return {
		path,
		read() {
			if (!existsSync(path)) return undefined;
			return parsed(path, readFileSync(path, "utf8"));
		},
		write(state) {
			mkdirSync(folder, { recursive: true });
			const beside = `${path}.new`;
			// For its owner alone: there may be Secrets in it.
			const file = openSync(beside, "w", 0o600);
			try {
				writeFileSync(file, JSON.stringify({ format: FORMAT, ...state }));
				fsyncSync(file);
			} finally {
				closeSync(file);
			}
			renameSync(beside, path);
		},
	};
}

function parsed(path: string, text: string): StoredState {
	const mend = "move the file away to begin anew, or give another folder with --data-dir";
	let json: unknown;
	try {
		json = JSON.parse(text);
	} catch (error) {
		throw new CannotStart(`the sandbox's state in ${path} is broken (${(error as Error).message}): ${mend}`);
	}
	const file = File.safeParse(json);
	if (!file.success)
		throw new CannotStart(`the sandbox's state in ${path} is broken (${z.prettifyError(file.error)}): ${mend}`);
	const { resourceVersion, collections } = file.data;
	return { resourceVersion, collections: collections as unknown as Readonly<Record<string, readonly KubeObject[]>> };
}
