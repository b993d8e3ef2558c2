import type { Person } from "../domain/file-change.ts";
import { GitFailure } from "./failure.ts";
import type { Blob, Repository } from "./repository.ts";

/** How many commits of a branch that is under review are looked at. */
export const REVIEW_DEPTH = 50;

interface Reviewed {
	readonly repository: string;
	readonly branch: string;
	readonly pushBranch: string;
	/** The newest commit of `branch`. */
	readonly base: string;
	readonly author: Person;
}

/** What a commit is put on top of. */
export interface Start {
	readonly commit: string;
	/** What the server's branch must still be at to be replaced; empty when there must be none. */
	readonly lease: string;
}

/**
 * Where work on a branch under review goes on: at its end as long as nothing came into the branch below. Otherwise its
 * commits are put on top of that anew, if all of them are ours. Throws GitFailure when a person has to see to it.
 */
export async function startOf(repository: Repository, reviewed: Reviewed): Promise<Start> {
	const { base, pushBranch, author } = reviewed;
	const end = await endOf(repository, pushBranch);
	if (end === undefined) return { commit: base, lease: "" };
	const commits = await commitsSince(repository, base, end);
	if (commits.length === 0) return { commit: base, lease: end };
	const isOnTop = (await lines(repository, ["rev-list", "--max-count=1", `${end}..${base}`])).length === 0;
	if (isOnTop) return { commit: end, lease: end };
	const about = `${reviewed.repository}: branch ${pushBranch}`;
	const foreign = commits.find(({ email }) => email !== author.email.trim());
	if (foreign !== undefined || commits.length >= REVIEW_DEPTH) {
		const why = foreign === undefined ? "too many commits" : `commits of others, such as ${foreign.id.slice(0, 12)},`;
		throw new GitFailure("refused", `${about} has ${why} and ${reviewed.branch} has moved on; merge it or delete it`);
	}
	let commit = base;
	for (const { id } of commits) commit = await putOn(repository, { commit, id, about, author });
	return { commit, lease: end };
}

async function endOf(repository: Repository, branch: string): Promise<string | undefined> {
	try {
		return await repository.fetch({ branch, as: "review", depth: REVIEW_DEPTH });
	} catch (thrown) {
		if (thrown instanceof GitFailure && thrown.trouble === "branch") return undefined;
		throw thrown;
	}
}

/** Those of the branch that are not in the one below, the oldest first. */
async function commitsSince(repository: Repository, base: string, end: string) {
	const listed = await lines(repository, [
		"log",
		"--reverse",
		`--max-count=${REVIEW_DEPTH}`,
		"--format=%H %ce",
		`${base}..${end}`,
	]);
	return listed.map((line) => ({ id: line.slice(0, line.indexOf(" ")), email: line.slice(line.indexOf(" ") + 1) }));
}

interface Put {
	/** What it is put on. */
	readonly commit: string;
	readonly id: string;
	readonly about: string;
	readonly author: Person;
}

/** The commit once more on top of another; that other one when it brings nothing new. */
async function putOn(repository: Repository, { commit, id, about, author }: Put): Promise<string> {
	const paths = await changedIn(repository, id);
	const files = new Map<string, Blob>();
	for (const path of paths) {
		const [before, after, now] = await Promise.all([`${id}^`, id, commit].map((one) => repository.find(one, path)));
		if (before === undefined || after === undefined || now === undefined) throw conflict(about, path);
		if (now.id === after.id) continue;
		const blob = now.id === before.id ? after : await merged(repository, { before, after, now, path });
		if (blob === undefined) throw conflict(about, path);
		files.set(path, blob);
	}
	if (files.size === 0) return commit;
	const tree = await repository.treeWith(commit, files);
	const [same] = await lines(repository, ["rev-parse", `${commit}^{tree}`]);
	if (same === tree) return commit;
	const [when = "0", ...words] = (await text(repository, ["log", "-1", "--format=%ct%n%B", id])).split("\n");
	return repository.commit({ tree, parent: commit, message: words.join("\n"), author, at: Number(when) * 1_000 });
}

async function changedIn(repository: Repository, id: string): Promise<readonly string[]> {
	const listed = await text(repository, ["diff-tree", "-r", "-z", "--no-commit-id", "--name-only", `${id}^`, id]);
	return listed.split("\0").filter((path) => path !== "");
}

interface Versions {
	readonly before: Blob;
	readonly after: Blob;
	readonly now: Blob;
	readonly path: string;
}

/** What both sides did to a file, together. */
async function merged(repository: Repository, { before, after, now, path }: Versions): Promise<Blob | undefined> {
	const read = (blob: Blob) => repository.read(blob, path);
	const text = await repository.merge({ before: await read(before), one: await read(now), other: await read(after) });
	return text && { mode: now.mode, id: await repository.store(text) };
}

function conflict(about: string, path: string): GitFailure {
	return new GitFailure("refused", `${about} and what it comes from both changed ${path}; merge it or delete it`);
}

async function text(repository: Repository, args: readonly string[]): Promise<string> {
	return (await repository.git(args)).output.toString("utf8");
}

async function lines(repository: Repository, args: readonly string[]): Promise<readonly string[]> {
	return (await text(repository, args)).split("\n").filter((line) => line !== "");
}
