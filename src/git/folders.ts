import { mkdir, readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";

/** Copies of repositories on the disk: so many, and none too big. What was there before the start is removed. */
export interface Folders {
	/** The key's folder, made if need be; the least used of those that nobody uses makes place. */
	open(key: string): Promise<string>;
	/** After the work on it: a folder that has grown too big is removed, and so is one of which nobody knows what state it is in. */
	close(key: string, state: "sound" | "unknown"): Promise<void>;
	/** Bytes that the key's folder takes up; stops counting when they are more than it may have. */
	bytesOf(key: string): Promise<number>;
	/** For what lives no longer than one piece of work. */
	passing(): Promise<string>;
	removeAll(): Promise<void>;
}

interface Settings {
	readonly folder: string;
	readonly countMax: number;
	readonly bytesMax: number;
	readonly isUsed: (key: string) => boolean;
}

export function foldersIn({ folder, countMax, bytesMax, isUsed }: Settings): Folders {
	/** The longest unused first. */
	const known = new Set<string>();
	let ready: Promise<unknown> | undefined;
	const pathOf = (key: string) => join(folder, "repositories", key);
	const passing = join(folder, "passing");

	const remove = async (key: string) => {
		known.delete(key);
		await rm(pathOf(key), { recursive: true, force: true });
	};
	const removeAll = () => rm(folder, { recursive: true, force: true });
	const start = () => {
		ready ??= removeAll()
			.then(() => mkdir(passing, { recursive: true, mode: 0o700 }))
			.catch((thrown: unknown) => {
				// There may be room the next time.
				ready = undefined;
				throw thrown;
			});
		return ready;
	};
	const bytesOf = (key: string) => bytesIn(pathOf(key), bytesMax);

	return {
		open: async (key) => {
			await start();
			known.delete(key);
			known.add(key);
			for (const other of [...known]) {
				if (known.size <= countMax) break;
				if (other !== key && !isUsed(other)) await remove(other);
			}
			const path = pathOf(key);
			await mkdir(path, { recursive: true, mode: 0o700 });
			return path;
		},
		close: async (key, state) => {
			if (state === "unknown" || (await bytesOf(key)) > bytesMax) await remove(key);
		},
		bytesOf,
		passing: async () => {
			await start();
			return passing;
		},
		removeAll,
	};
}

async function bytesIn(folder: string, enough: number): Promise<number> {
	let bytes = 0;
	const entries = await readdir(folder, { withFileTypes: true, recursive: true }).catch(() => []);
	for (const entry of entries) {
		if (!entry.isFile()) continue;
		// Git renames its files as it goes: what is gone takes up nothing.
		bytes += await stat(join(entry.parentPath, entry.name)).then(
			({ size }) => size,
			() => 0,
		);
		if (bytes > enough) break;
	}
	return bytes;
}
