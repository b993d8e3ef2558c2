import { createHash } from "node:crypto";
import { repositoryKey } from "../image-reference.ts";
import type { Repository } from "../image-registry/image-registry.ts";

/** A repository as seen with certain credentials: who has the same shares the looks, and who has others sees his own. */
export type WatchKey = string;

export function watchKey(repository: Repository): WatchKey {
	const name = repositoryKey(repository);
	if (repository.credentials.length === 0) return name;
	const secret = createHash("sha256").update(JSON.stringify(repository.credentials)).digest("hex").slice(0, 16);
	return `${name}#${secret}`;
}
