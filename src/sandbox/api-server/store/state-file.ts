import { join } from "node:path";
import { z } from "zod";
import type { KubeObject } from "../../../domain/kube-object.ts";
import { type KeptFile, readKept, replaceFile } from "./kept-file.ts";
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
	/** Replaces the file at once: a crash leaves the old one or the new one. Throws CannotKeep. */
	write(state: StoredState): void;
}

export function stateFileIn(folder: string): StateFile {
	const path = join(folder, "state.json");
	const kept: KeptFile<z.infer<typeof File>> = {
		what: "the sandbox's state",
		path,
		schema: File,
		afresh: "to begin anew",
	};
	return {
		path,
		read() {
			const file = readKept(kept);
			if (!file) return undefined;
			const { resourceVersion, collections } = file;
			return {
				resourceVersion,
				collections: collections as unknown as Readonly<Record<string, readonly KubeObject[]>>,
			};
		},
		// For its owner alone: there may be Secrets in it.
		write: (state) => replaceFile(kept.what, path, JSON.stringify({ format: FORMAT, ...state })),
	};
}
