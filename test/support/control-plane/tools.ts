import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { BedError } from "./bed-error.ts";

/** A folder of binaries or files that a test needs, or why it is not there. */
export type Tools =
	| { readonly kind: "found"; readonly folder: string }
	| { readonly kind: "missing"; readonly why: string };

/** The scripts of `.ci/tools` that know where each set of tools is; run without a flag, they fetch or build it. */
export type ToolScript = "build-control-plane" | "build-data-plane" | "fetch-crds";

/**
 * Asks a script for its folder and never builds. In CI a missing tool is an error, so that no tier is skipped there in
 * silence; anywhere else it is a value, and one line on the terminal names the remedy.
 */
export function findTools(script: ToolScript): Tools {
	const path = join(import.meta.dirname, "../../../.ci/tools", `${script}.sh`);
	const asked = spawnSync("sh", [path, "--present"], { encoding: "utf8" });
	if (asked.status === 0) return { kind: "found", folder: asked.stdout.trim() };
	const why = asked.stderr.trim() || `${script} did not say where its tools are`;
	if (process.env.CI) throw new BedError(why, `run .ci/tools/${script}.sh first`);
	console.warn(`skipped: ${why}; run .ci/tools/${script}.sh first`);
	return { kind: "missing", why };
}

/** The folder of tools that were found; throws when they are missing, so a test must have skipped itself before. */
export function folderOf(tools: Tools): string {
	if (tools.kind === "found") return tools.folder;
	throw new BedError(tools.why, "skip the test when its tools are missing");
}
