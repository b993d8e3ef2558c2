import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import type { GitPorts } from "../../../src/git/git.ts";

const environment = {
	PATH: process.env.PATH ?? "/usr/bin:/bin",
	...{ GIT_CONFIG_NOSYSTEM: "1", GIT_CONFIG_GLOBAL: "/dev/null", HOME: tmpdir() },
	...{ GIT_AUTHOR_NAME: "Ann", GIT_AUTHOR_EMAIL: "ann@acme.example", GIT_AUTHOR_DATE: "@1700000000 +0000" },
	...{ GIT_COMMITTER_NAME: "Ann", GIT_COMMITTER_EMAIL: "ann@acme.example", GIT_COMMITTER_DATE: "@1700000000 +0000" },
};

/** A server's repository on the disk, and somebody who works with it; removed when it is disposed of. */
export class BareRepository {
	readonly root = mkdtempSync(join(tmpdir(), "haldane-git-test-"));
	readonly bare = join(this.root, "server.git");
	readonly address = pathToFileURL(this.bare).href;
	/** Where the client under test keeps its copies. */
	readonly folder = join(this.root, "client");
	readonly #clone = join(this.root, "somebody");

	constructor(files: Readonly<Record<string, string>>) {
		mkdirSync(this.bare);
		this.git("init", "--quiet", "--bare", "--initial-branch=main");
		// As the big hosts have it: copies need not be whole.
		this.git("config", "uploadpack.allowFilter", "true");
		this.git("config", "uploadpack.allowAnySHA1InWant", "true");
		execFileSync("git", ["clone", "--quiet", this.bare, this.#clone], { env: environment, stdio: "pipe" });
		this.#somebody("checkout", "--quiet", "-b", "main");
		this.commit(files);
	}

	/** Somebody else pushes. */
	commit(files: Readonly<Record<string, string>>, branch = "main"): string {
		this.#somebody("fetch", "--quiet", "origin");
		this.#somebody("checkout", "--quiet", "-B", "work", ...(this.has(branch) ? [`origin/${branch}`] : []));
		for (const [path, text] of Object.entries(files)) {
			const file = join(this.#clone, path);
			mkdirSync(dirname(file), { recursive: true });
			writeFileSync(file, text);
		}
		this.#somebody("add", "--all");
		this.#somebody("commit", "--quiet", "--message=something");
		this.#somebody("push", "--quiet", "origin", `HEAD:refs/heads/${branch}`);
		return this.head(branch);
	}

	/** Somebody else pushes links to other paths. */
	link(links: Readonly<Record<string, string>>): void {
		for (const [path, to] of Object.entries(links)) symlinkSync(to, join(this.#clone, path));
		this.commit({});
	}

	/** Somebody else pushes what is no text. */
	bytes(path: string, content: Uint8Array): void {
		writeFileSync(join(this.#clone, path), content);
		this.commit({});
	}

	has(branch: string): boolean {
		return this.git("branch", "--list", branch) !== "";
	}

	/** Runs on the server, as its hooks are run. */
	hook(name: string, script: string): void {
		const file = join(this.bare, "hooks", name);
		mkdirSync(dirname(file), { recursive: true });
		writeFileSync(file, `#!/bin/sh\n${script}\n`);
		chmodSync(file, 0o755);
	}

	head(branch = "main"): string {
		return this.git("rev-parse", `refs/heads/${branch}`);
	}

	read(path: string, branch = "main"): string {
		return this.#run(["show", `${branch}:${path}`], this.bare);
	}

	/** Subjects, the newest first. */
	log(branch = "main"): readonly string[] {
		return this.git("log", "--format=%s", branch).split("\n");
	}

	git(...args: readonly string[]): string {
		return this.#run(args, this.bare).trim();
	}

	#somebody(...args: readonly string[]): void {
		this.#run(args, this.#clone);
	}

	#run(args: readonly string[], cwd: string): string {
		return execFileSync("git", args, { cwd, env: environment, encoding: "utf8", stdio: "pipe" });
	}

	[Symbol.dispose](): void {
		rmSync(this.root, { recursive: true, force: true });
	}
}

/** Time that stands still: waits of less than a second are over at once, and remembered; others never, `late` apart. */
export class StillTimers {
	readonly waits: number[] = [];
	/** A wait that is over at once, too. */
	late: number | undefined;
	readonly #held = new Set<object>();
	readonly now = () => Date.UTC(2027, 0, 4, 10);
	readonly after: GitPorts["timers"]["after"] = (delayMs, call) => {
		const held = {};
		this.#held.add(held);
		if (delayMs < 1_000) this.waits.push(delayMs);
		if (delayMs < 1_000 || delayMs === this.late) setImmediate(() => this.#held.has(held) && call());
		return () => this.#held.delete(held);
	};

	/** How many waits are under way. */
	get held(): number {
		return this.#held.size;
	}
}
