import { spawnSync } from "node:child_process";
import { join } from "node:path";

/**
 * After the suites that need nothing: runs the tiers that need real parts where these are there, and says in one line
 * each why one is not run. CI runs them by itself, and lets none be skipped.
 */
interface Tier {
	readonly name: string;
	readonly tools: readonly string[];
	readonly run: readonly [command: string, ...args: string[]];
	/** What else is missing, if so. */
	readonly missing?: string | undefined;
}

const root = join(import.meta.dirname, "..");
const suite = (project: string) => [process.execPath, "node_modules/vitest/vitest.mjs", "run", "--project", project];
const isRoot = process.platform === "linux" && process.getuid?.() === 0;

const tiers: readonly Tier[] = [
	{
		name: "integration",
		tools: ["build-control-plane", "fetch-crds"],
		run: ["env", ...suite("integration")],
	},
	{
		name: "sandbox",
		tools: ["fetch-crds"],
		run: ["env", ...suite("sandbox")],
	},
	{
		name: "end to end",
		tools: ["build-control-plane", "fetch-crds", "build-data-plane"],
		run: ["sh", ".ci/tools/in-namespace.sh", ...suite("e2e")],
		missing: isRoot ? undefined : "it needs a network namespace, which takes root on Linux",
	},
];

if (process.env.CI) process.exit(0);
for (const { name, tools, run, missing } of tiers) {
	const why = missing ?? tools.map(absent).find((reason) => reason !== undefined);
	if (why !== undefined) {
		console.log(`${name} tests: skipped, ${why}`);
		continue;
	}
	const [command, ...args] = run;
	const { status } = spawnSync(command, args, { cwd: root, stdio: "inherit" });
	if (status !== 0) process.exitCode = 1;
}

/** Why a set of tools is not there; undefined when it is. */
function absent(script: string): string | undefined {
	const asked = spawnSync("sh", [`.ci/tools/${script}.sh`, "--present"], { cwd: root, encoding: "utf8" });
	if (asked.status === 0) return undefined;
	return `${asked.stderr.trim().split("\n").at(-1) || `${script} has not run`}; run .ci/tools/${script}.sh (needs Go)`;
}
