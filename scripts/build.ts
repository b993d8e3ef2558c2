import { chmod, stat } from "node:fs/promises";
import { build } from "esbuild";

const outfile = "dist/haldane.js";

/** CommonJS parts of the bundle expect these to be there. */
const banner = [
	'import { createRequire as __createRequire } from "node:module";',
	"const require = __createRequire(import.meta.url);",
	'import { fileURLToPath as __toPath } from "node:url";',
	"const __filename = __toPath(import.meta.url);",
	'const __dirname = __filename.slice(0, __filename.lastIndexOf("/"));',
].join("\n");

await build({
	entryPoints: ["src/cli/main.ts"],
	outfile,
	bundle: true,
	platform: "node",
	format: "esm",
	target: "node22",
	minifySyntax: true,
	minifyWhitespace: true,
	sourcemap: true,
	legalComments: "none",
	banner: { js: banner },
	logLevel: "warning",
});
await chmod(outfile, 0o755);
console.log(`${outfile}: ${Math.round((await stat(outfile)).size / 1024)} KiB`);
