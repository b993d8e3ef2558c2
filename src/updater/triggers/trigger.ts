/** Somebody says that a tag was pushed. Only a hint: the registry is asked before anything is changed. */
export interface ImageHint {
	/** As written: `ghcr.io/acme/app`, `acme/app` (Docker Hub's). */
	readonly image: string;
	readonly tag: string;
	readonly digest?: string | undefined;
}

/** Most that one body may say; a sender that says more is not one that we know. */
export const HINTS_MAX = 100;

/** Hints, or why the body says none; details are safe to log and quote no secret. */
export type ReadHints =
	| {
			readonly kind: "hints";
			/** At least one and at most `HINTS_MAX`, each once. */
			readonly hints: readonly ImageHint[];
			/** How many more the body has than it may; scans find them. */
			readonly leftOut: number;
	  }
	/** A well-formed notice of something else than a push: answered, and forgotten. */
	| { readonly kind: "irrelevant"; readonly why: string }
	| { readonly kind: "malformed"; readonly problem: string };

/** How one sender says that it has an image. Pure; never throws, whatever the body is. */
export interface Trigger {
	/** Names in lower case. `body` is the JSON as parsed. */
	read(body: unknown, headers: Readonly<Record<string, string>>, settings: TriggerSettings): ReadHints;
}

/** What the operator may know that a payload does not say. */
export interface TriggerSettings {
	/** jfrog: what the names of its images begin with, `acme.jfrog.io/docker-local`; as its payload says unless set. */
	readonly privateRegistry?: string | undefined;
	/** gitlab: host of the registry that belongs to it; gitlab.com's unless set. */
	readonly gitlabRegistry?: string | undefined;
}
