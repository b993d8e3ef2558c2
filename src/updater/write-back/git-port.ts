export interface Person {
	readonly name: string;
	readonly email: string;
}

/** One file of a branch, and how it is to change. */
export interface FileChange {
	readonly repository: string;
	readonly branch: string;
	/** Pushed instead of `branch`. */
	readonly pushBranch?: string | undefined;
	readonly secret?: Readonly<Record<string, string>> | undefined;
	readonly author: Person;
	readonly path: string;
	/** Asked again when somebody else has pushed. */
	edit(text: string): FileEdit;
}

export type FileEdit =
	| { readonly kind: "same" }
	| { readonly kind: "changed"; readonly text: string; readonly message: string }
	| { readonly kind: "refused"; readonly problem: string };

export type FileChanged =
	| { readonly kind: "pushed"; readonly commit: string; readonly branch: string }
	| { readonly kind: "upToDate"; readonly commit: string; readonly branch: string }
	| { readonly kind: "refused"; readonly problem: string };

/** Other people's repositories, as the updater needs them. One change per repository at a time. Throws Failure, without secrets. */
export interface Repositories {
	change(change: FileChange, signal: AbortSignal): Promise<FileChanged>;
}
