import { createHash } from "node:crypto";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import type { FileChange, FileChanged } from "../domain/file-change.ts";
import type { Log } from "../domain/log.ts";
import { accessBy } from "./access.ts";
import { GitFailure } from "./failure.ts";
import { type Folders, foldersIn } from "./folders.ts";
import { isBranchName, isFilePath, type Protocol, protocolOf } from "./names.ts";
import { plumbing } from "./plumbing.ts";
import { type Repository, repositoryIn } from "./repository.ts";
import { REVIEW_DEPTH, startOf } from "./review.ts";
import { Turns } from "./turns.ts";

export interface GitPorts {
	readonly timers: {
		now(): number;
		after(delayMs: number, call: () => void): () => void;
	};
	readonly random: () => number;
	readonly log: Log;
}

export interface GitOptions {
	/** A folder of this program's alone: what is in it when it starts is removed. */
	readonly folder: string;
	/** `https` and `ssh` unless told otherwise. */
	readonly protocols?: readonly Protocol[];
	/** Of the environment, what git is to see: proxies, and the machine's certificates. */
	readonly environment?: Readonly<Record<string, string>>;
	/** Of one call of git. */
	readonly deadlineMs?: number;
	readonly triesMax?: number;
	/** Copies that are kept on the disk, and how big one may be. */
	readonly copiesMax?: number;
	readonly copyBytesMax?: number;
	readonly atOnceMax?: number;
}

/** A client of other people's repositories, over the program `git`. */
export interface Git {
	/**
	 * Changes one file of the newest state of a branch by one commit, and pushes it; as often as need be where others push
	 * too. One at a time per repository. Throws GitFailure, whose message holds no secret.
	 */
	change(change: FileChange, signal: AbortSignal): Promise<FileChanged>;
	/** Removes all that is on the disk. */
	close(): Promise<void>;
}

const DEADLINE_MS = 60_000;
const TRIES_MAX = 5;
const FIRST_WAIT_MS = 200;
const COPIES_MAX = 16;
const COPY_BYTES_MAX = 128 * 1_024 * 1_024;
const AT_ONCE_MAX = 4;
/** How often the size of a copy is looked at while it grows. */
const LOOK_MS = 1_000;

export function createGit({ timers, random, log }: GitPorts, options: GitOptions): Git {
	const { protocols = ["https", "ssh"], triesMax = TRIES_MAX, copyBytesMax = COPY_BYTES_MAX } = options;
	const turns = new Turns(options.atOnceMax ?? AT_ONCE_MAX);
	const folders = foldersIn({
		folder: options.folder,
		countMax: options.copiesMax ?? COPIES_MAX,
		bytesMax: copyBytesMax,
		isUsed: (key) => turns.isTaken(key),
	});

	async function change(asked: FileChange, signal: AbortSignal): Promise<FileChanged> {
		const { repository } = asked;
		const protocol = checked(asked);
		const key = createHash("sha256").update(repository).digest("hex").slice(0, 32);
		const busy = () => new GitFailure("busy", `${repository}: too many changes wait for their turn`);
		return turns.take(key, () => inTurn(asked, { key, protocol, signal }).catch(onDisk(repository)), busy);
	}

	async function inTurn(asked: FileChange, { key, protocol, signal }: Turn): Promise<FileChanged> {
		if (signal.aborted) throw new GitFailure("unreachable", `${asked.repository}: the change was stopped`);
		const folder = await folders.open(key);
		const { repository, secret } = asked;
		const access = await accessBy({ repository, protocol, secret, folder: await folders.passing() });
		const guard = guarded(key, folders, signal);
		let state: "sound" | "unknown" = "unknown";
		try {
			const git = plumbing({
				folder,
				address: asked.repository,
				access,
				protocols,
				environment: options.environment ?? {},
				deadlineMs: options.deadlineMs ?? DEADLINE_MS,
				after: timers.after,
				signal: guard.signal,
			});
			if (!(await isThere(join(folder, "HEAD")))) await git(["init", "--quiet", "--bare", "--template=", folder]);
			const outcome = await changed(asked, repositoryIn(git, { address: asked.repository, folder }), signal);
			state = "sound";
			return outcome;
		} catch (thrown) {
			// What was said with certainty left the copy as it was; what was cut off may have left locks behind.
			if (thrown instanceof GitFailure && thrown.remedy === "edit") state = "sound";
			if (!guard.isTooBig()) throw thrown;
			throw new GitFailure("request", `${asked.repository}: takes up more than ${copyBytesMax} bytes`, {
				cause: thrown,
			});
		} finally {
			guard.stop();
			await access.close();
			await folders.close(key, state);
		}
	}

	/** Asks for the newest state, edits it and pushes, until nobody was first. */
	async function changed(asked: FileChange, repository: Repository, signal: AbortSignal): Promise<FileChanged> {
		for (let tries = 1; ; tries++) {
			const outcome = await once(asked, repository);
			if (outcome !== "moved") return outcome;
			log.debug({ repository: asked.repository, tries }, "somebody else pushed first");
			if (tries >= triesMax || signal.aborted)
				throw new GitFailure("moved", `${asked.repository}: others pushed first, ${tries} times in a row`);
			await pause(FIRST_WAIT_MS * 2 ** (tries - 1) * (0.5 + random()), signal);
		}
	}

	async function once(asked: FileChange, repository: Repository): Promise<FileChanged | "moved"> {
		const { branch, pushBranch, author, path } = asked;
		const isReviewed = pushBranch !== undefined && pushBranch !== branch;
		const base = await repository.fetch({ branch, as: "base", depth: isReviewed ? REVIEW_DEPTH : 1 });
		const at = timers.now();
		const start = isReviewed
			? await startOf(repository, { ...asked, pushBranch, base })
			: { commit: base, lease: undefined };
		const blob = await repository.find(start.commit, path);
		if (blob === undefined) throw new GitFailure("file", `${asked.repository}: branch ${branch} has no file ${path}`);
		const edit = asked.edit(textOf(await repository.read(blob, path), `${asked.repository}: ${path}`));
		const pushed = isReviewed ? pushBranch : branch;
		if (edit.kind === "refused") return edit;
		// As the server has it: what was put on top of others' work here is not pushed without need.
		if (edit.kind === "same")
			return start.commit === base
				? { kind: "upToDate", commit: base, branch }
				: { kind: "upToDate", commit: start.lease ?? start.commit, branch: pushed };
		const stored = { mode: blob.mode, id: await repository.store(edit.text) };
		const tree = await repository.treeWith(start.commit, new Map([[path, stored]]));
		const commit = await repository.commit({ tree, parent: start.commit, message: edit.message, author, at });
		const sent = await repository.push(commit, pushed, start.lease);
		if (sent.kind === "moved") return "moved";
		if (sent.kind === "refused")
			throw new GitFailure(
				"refused",
				`${asked.repository}: the server refuses to have branch ${pushed} changed: ${sent.why}`,
			);
		return { kind: "pushed", commit, branch: pushed };
	}

	/** Throws unless git can be given these names. */
	function checked({ repository, branch, pushBranch, path }: FileChange): Protocol {
		const protocol = protocolOf(repository);
		if (protocol === undefined)
			throw new GitFailure(
				"request",
				"the address of the repository is none of https or ssh without a password, a token and a query; put those into the Secret",
			);
		if (!protocols.includes(protocol))
			throw new GitFailure("request", `${repository}: ${protocol} is not allowed; use ${protocols.join(" or ")}`);
		for (const name of [branch, pushBranch])
			if (name !== undefined && !isBranchName(name))
				throw new GitFailure("request", `${repository}: '${name}' is not the name of a branch`);
		if (!isFilePath(path)) throw new GitFailure("request", `${repository}: '${path}' is not a file of the repository`);
		return protocol;
	}

	/** Aborts what works on a copy when that grows too big, or when the signal does. */
	function guarded(key: string, { bytesOf }: Folders, signal: AbortSignal) {
		const tooBig = new AbortController();
		let cancel = () => {};
		const look = () => {
			cancel = timers.after(LOOK_MS, () => {
				void bytesOf(key).then((bytes) => {
					if (bytes > copyBytesMax) tooBig.abort();
					else if (!isOver) look();
				});
			});
		};
		let isOver = false;
		look();
		return {
			signal: AbortSignal.any([signal, tooBig.signal]),
			isTooBig: () => tooBig.signal.aborted,
			stop: () => {
				isOver = true;
				cancel();
			},
		};
	}

	function pause(delayMs: number, signal: AbortSignal): Promise<void> {
		return new Promise((resolve) => {
			const done = () => {
				cancel();
				signal.removeEventListener("abort", done);
				resolve();
			};
			const cancel = timers.after(delayMs, done);
			signal.addEventListener("abort", done);
		});
	}

	return { change, close: () => folders.removeAll() };
}

/** Of the process's environment, what git needs to find its way out, and nothing that could hold a secret of another's. */
export function gitEnvironment(environment: Readonly<Record<string, string | undefined>>): Record<string, string> {
	const names = ["PATH", "HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY", "ALL_PROXY", "GIT_SSL_CAINFO", "SSL_CERT_FILE"];
	const given = Object.entries(environment).filter(([name]) => names.includes(name.toUpperCase()));
	return Object.fromEntries(given.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
}

/** What the disk refuses is trouble like any other, and not a fault of this program. */
function onDisk(repository: string) {
	return (thrown: unknown): never => {
		if (thrown instanceof Error && "syscall" in thrown)
			throw new GitFailure("failed", `${repository}: no copy of it can be kept on the disk`, { cause: thrown });
		throw thrown;
	};
}

interface Turn {
	readonly key: string;
	readonly protocol: Protocol;
	readonly signal: AbortSignal;
}

function textOf(bytes: Uint8Array, about: string): string {
	try {
		// What begins with a byte order mark is to go on doing so.
		return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
	} catch (cause) {
		throw new GitFailure("file", `${about} is not text in UTF-8`, { cause });
	}
}

async function isThere(path: string): Promise<boolean> {
	return stat(path).then(
		() => true,
		() => false,
	);
}
