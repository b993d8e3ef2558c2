import { execFileSync } from "node:child_process";
import { appendFileSync, chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import type { GitPorts } from "../../../src/git/git.ts";

const environment = {
	PATH: process.env.PATH ?? "/usr/bin:/bin",
	...{ GIT_CONFIG_NOSYSTEM: "1", GIT_CONFIG_GLOBAL: "/dev/null", HOME: tmpdir() },
};

/** Each change starts a dozen programs: on a busy machine that takes a while. */
export const PATIENCE_MS = 30_000;

/** What somebody pushes: texts, bytes, or where a link leads. */
type Content = string | Uint8Array | { readonly link: string };

/** A server's repository on the disk, and somebody who pushes to it; removed when it is disposed of. */
export class BareRepository {
	readonly root = mkdtempSync(join(tmpdir(), "haldane-git-test-"));
	readonly bare = join(this.root, "server.git");
	readonly address = pathToFileURL(this.bare).href;
	/** Where the client under test keeps its copies. */
	readonly folder = join(this.root, "client");

	constructor(files: Readonly<Record<string, Content>>) {
		mkdirSync(this.bare);
		this.git("init", "--quiet", "--bare", "--initial-branch=main", "--template=");
		// As the big hosts have it: copies need not be whole.
		appendFileSync(join(this.bare, "config"), "[uploadpack]\n\tallowFilter = true\n\tallowAnySHA1InWant = true\n");
		this.commit(files);
	}

	/** Somebody else pushes, in one commit. */
	commit(files: Readonly<Record<string, Content>>, branch = "main", from = branch): string {
		const author = "committer Ann <ann@acme.example> 1700000000 +0000";
		const isNew = !existsSync(join(this.bare, "refs/heads", from));
		const head = [
			`commit refs/heads/${branch}`,
			author,
			"data 9",
			"something",
			...(isNew ? [] : [`from ${this.head(from)}`]),
		];
		const parts: (string | Uint8Array)[] = [`${head.join("\n")}\n`];
		for (const [path, content] of Object.entries(files)) {
			const isLink = typeof content === "object" && "link" in content;
			const bytes = Buffer.from(isLink ? content.link : (content as string));
			parts.push(`M ${isLink ? "120000" : "100644"} inline ${path}\ndata ${bytes.length}\n`, bytes, "\n");
		}
		const input = Buffer.concat(parts.map((part) => Buffer.from(part as string)));
		execFileSync("git", ["fast-import", "--quiet", "--force"], {
			cwd: this.bare,
			env: environment,
			input,
			stdio: "pipe",
		});
		return this.head(branch);
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
		return this.#run(["show", `${branch}:${path}`]);
	}

	/** Subjects, the newest first. */
	log(branch = "main"): readonly string[] {
		return this.git("log", "--format=%s", branch).split("\n");
	}

	git(...args: readonly string[]): string {
		return this.#run(args).trim();
	}

	#run(args: readonly string[]): string {
		return execFileSync("git", args, { cwd: this.bare, env: environment, encoding: "utf8", stdio: "pipe" });
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
		if (delayMs < 1_000 || delayMs === this.late) setImmediate(() => this.#held.delete(held) && call());
		return () => this.#held.delete(held);
	};

	/** How many waits are under way. */
	get held(): number {
		return this.#held.size;
	}
}
