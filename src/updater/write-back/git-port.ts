import type { FileChange, FileChanged } from "../../domain/file-change.ts";

/** Other people's repositories, as the updater needs them. One change per repository at a time. Throws Failure, without secrets. */
export interface Repositories {
	change(change: FileChange, signal: AbortSignal): Promise<FileChanged>;
}
