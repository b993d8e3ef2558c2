export interface Person {
	readonly name: string;
	readonly email: string;
}

/** One file of a branch of somebody's repository, and how it is to change. */
export interface FileChange {
	readonly repository: string;
	readonly branch: string;
	/** Pushed instead of `branch`: made from it, and made anew when it has moved on. */
	readonly pushBranch?: string | undefined;
	/** A Secret's data, decoded. */
	readonly secret?: Readonly<Record<string, string>> | undefined;
	readonly author: Person;
	readonly path: string;
	/** Pure: it is asked again when somebody else has pushed. */
	edit(text: string): FileEdit;
}

export type FileEdit =
	| { readonly kind: "same" }
	| { readonly kind: "changed"; readonly text: string; readonly message: string }
	| { readonly kind: "refused"; readonly problem: string };

export type FileChanged =
	| { readonly kind: "pushed"; readonly commit: string; readonly branch: string }
	/** The branch says so already, as of that commit. */
	| { readonly kind: "upToDate"; readonly commit: string; readonly branch: string }
	/** By `edit` itself. */
	| { readonly kind: "refused"; readonly problem: string };
