import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Person } from "../domain/file-change.ts";
import { GitFailure } from "./failure.ts";
import type { Plumbing } from "./plumbing.ts";

/** Of a file that is edited. */
export const FILE_BYTES_MAX = 1_024 * 1_024;

/** A file as a commit has it. */
export interface Blob {
	readonly mode: string;
	readonly id: string;
}

export interface Merging {
	readonly before: Uint8Array;
	readonly one: Uint8Array;
	readonly other: Uint8Array;
}

export interface Fetched {
	readonly branch: string;
	/** What it is kept as until the next one is. */
	readonly as: "base" | "review";
	/** How many commits of it are wanted. */
	readonly depth: number;
}

/** A bare copy of a server's repository that holds as little as will do: what is read and written is objects. Everything throws GitFailure. */
export interface Repository {
	/** The newest commit of the server's branch, asked anew; trouble `branch` when there is none. */
	fetch(branch: Fetched): Promise<string>;
	/** Undefined when there is nothing of that path. Only files have a text: no links, no folders. */
	find(commit: string, path: string): Promise<Blob | undefined>;
	/** `path` is for messages. Trouble `file` when it is longer than `FILE_BYTES_MAX`. */
	read(blob: Blob, path: string): Promise<Buffer>;
	/** Both changes of a text together; undefined when they contradict each other. */
	merge(texts: Merging): Promise<Uint8Array | undefined>;
	store(content: string | Uint8Array): Promise<string>;
	/** The tree of the commit with these files put in place of its own. */
	treeWith(commit: string, files: ReadonlyMap<string, Blob>): Promise<string>;
	commit(made: Commit): Promise<string>;
	push(commit: string, branch: string, lease: string | undefined): Promise<Pushed>;
	readonly git: Plumbing;
}

export interface Commit {
	readonly tree: string;
	readonly parent: string;
	readonly message: string;
	readonly author: Person;
	readonly at: number;
}

export type Pushed =
	| { readonly kind: "pushed" }
	/** Somebody else was first. */
	| { readonly kind: "moved" }
	/** The server will not have it. */
	| { readonly kind: "refused"; readonly why: string };

interface Place {
	readonly address: string;
	/** Of the bare copy. */
	readonly folder: string;
}

export function repositoryIn(git: Plumbing, { address, folder }: Place): Repository {
	const text = async (...call: Parameters<Plumbing>) => (await git(...call)).output.toString("utf8");
	const line = async (...call: Parameters<Plumbing>) => (await text(...call)).trim();

	return {
		git,
		fetch: async ({ branch, as, depth }) => {
			const ref = `refs/haldane/${as}`;
			const from = [`--depth=${depth}`, "--filter=blob:none", "--no-tags", "--no-write-fetch-head", "--force"];
			await git(["fetch", "--quiet", ...from, "--no-auto-maintenance", "origin", `refs/heads/${branch}:${ref}`]);
			return line(["rev-parse", "--verify", "--quiet", ref]);
		},
		find: async (commit, path) => {
			const listed = await text(["ls-tree", "-z", "--full-tree", commit, "--", path]);
			const [, mode, type, id] = /^(\d+) (\w+) ([0-9a-f]+)\t/.exec(listed) ?? [];
			if (mode === undefined || id === undefined) return undefined;
			if (type !== "blob" || mode === "120000") {
				const what = type === "tree" ? "a folder" : type === "blob" ? "a symbolic link" : "a submodule";
				throw new GitFailure("file", `${address}: ${path} is ${what}; name a file`);
			}
			return { mode, id };
		},
		read: async ({ id }, path) => {
			try {
				return (await git(["cat-file", "blob", id], { outputBytesMax: FILE_BYTES_MAX, trouble: "file" })).output;
			} catch (cause) {
				if (!(cause instanceof GitFailure) || cause.trouble !== "file") throw cause;
				throw new GitFailure("file", `${address}: ${path} is not read`, { cause });
			}
		},
		merge: async ({ before, one, other }) => {
			const paths = ["one", "before", "other"].map((name) => join(folder, `haldane-${name}`));
			await Promise.all([one, before, other].map((text, index) => writeFile(paths[index] ?? "", text)));
			const { output, code } = await git(["merge-file", "-p", "--quiet", ...paths], { answers: CONFLICTS });
			return code === 0 ? output : undefined;
		},
		store: (content) => line(["hash-object", "-w", "--stdin"], { input: content }),
		treeWith: async (commit, files) => {
			await git(["read-tree", commit]);
			const entries = [...files].map(([path, { mode, id }]) => `${mode} ${id}\t${path}\0`);
			await git(["update-index", "-z", "--index-info"], { input: entries.join("") });
			// What the server keeps for itself is not missing.
			return line(["write-tree", "--missing-ok"]);
		},
		commit: ({ tree, parent, message, author, at }) => {
			const name = oneLine(author.name);
			const email = oneLine(author.email);
			const when = `@${Math.floor(at / 1_000)} +0000`;
			const environment = {
				...{ GIT_AUTHOR_NAME: name, GIT_AUTHOR_EMAIL: email, GIT_AUTHOR_DATE: when },
				...{ GIT_COMMITTER_NAME: name, GIT_COMMITTER_EMAIL: email, GIT_COMMITTER_DATE: when },
			};
			return line(["commit-tree", tree, "-p", parent, "-F", "-"], { input: message, environment });
		},
		push: async (commit, branch, lease) => {
			const ref = `refs/heads/${branch}`;
			const held = lease === undefined ? [] : [`--force-with-lease=${ref}:${lease}`];
			const args = ["push", "--porcelain", "--no-verify", "--no-signed", ...held, "origin", `${commit}:${ref}`];
			const { output, words } = await git(args, { answers: [1] });
			return pushedBy(output.toString("utf8"), { words, about: `${address}: branch ${branch}` });
		},
	};
}

/** As an environment and the header of a commit can hold it. */
function oneLine(text: string): string {
	return text.replaceAll(/[\p{Cc}<>]+/gu, " ").trim();
}

/** The code of `git merge-file` is how many there are. */
const CONFLICTS = Array.from({ length: 127 }, (_, index) => index + 1);

/** What `git push --porcelain` says became of its one branch. */
function pushedBy(report: string, { words, about }: { readonly words: string; readonly about: string }): Pushed {
	const [, flag, summary = ""] = /^([ +*=!-])\t[^\t]*\t(.*)$/m.exec(report) ?? [];
	if (flag === undefined) throw new GitFailure("failed", `${about} was not pushed: ${words}`);
	if (flag !== "!") return { kind: "pushed" };
	const why = /\((.*)\)\s*$/.exec(summary)?.[1] ?? summary;
	const isMoved =
		/^\[rejected\]/.test(summary) ||
		/cannot lock ref|failed to (update|lock)|incorrect old value|reference already exists/.test(why);
	if (isMoved) return { kind: "moved" };
	const remarks = words.split("; ").filter((remark) => remark.startsWith("remote:"));
	return { kind: "refused", why: [why, ...remarks.map((remark) => remark.slice("remote:".length).trim())].join(": ") };
}
