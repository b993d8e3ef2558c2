import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";

/**
 * Runs biome's binary for this platform. Not through the package `@biomejs/biome`: its lock file entries name platforms
 * that not every registry has, and `npm ci` then refuses to install anything.
 */
const name = `@biomejs/cli-${process.platform}-${process.arch}`;
let binary: string;
try {
	binary = createRequire(import.meta.url).resolve(`${name}/biome`);
} catch {
	console.error(`no biome for this platform; install it with: npm install --no-save ${name}@2.6.8`);
	process.exit(1);
}
const { status } = spawnSync(binary, process.argv.slice(2), { stdio: "inherit" });
process.exit(status ?? 1);
