import { writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "vite";

const root = resolve(import.meta.dirname, "../src/dashboard");
const outfile = join(root, "built/page.js");
const KIB_MAX = 150;
const types: Readonly<Record<string, string>> = {
	html: "text/html; charset=utf-8",
	js: "text/javascript; charset=utf-8",
	css: "text/css; charset=utf-8",
};

const built = await build({
	root,
	configFile: false,
	logLevel: "warn",
	build: {
		write: false,
		modulePreload: false,
		assetsInlineLimit: 0,
		rollupOptions: {
			output: { entryFileNames: "assets/page.js", assetFileNames: "assets/[name][extname]", codeSplitting: false },
		},
	},
});
const { output } = Array.isArray(built)
	? (built[0] ?? { output: [] })
	: (built as Exclude<typeof built, { on: unknown }>);
const files = output.map((file) => {
	const body = file.type === "chunk" ? file.code : Buffer.from(file.source).toString("utf8");
	const path = file.fileName === "index.html" ? "/" : `/${file.fileName}`;
	return [path, { contentType: types[file.fileName.split(".").at(-1) ?? ""] ?? "text/plain", body }] as const;
});
const kib = files.reduce((sum, [, { body }]) => sum + gzipSync(body).length, 0) / 1024;
if (kib > KIB_MAX) throw new Error(`the page takes ${Math.ceil(kib)} KiB compressed, and may take ${KIB_MAX}`);
await writeFile(
	outfile,
	`// biome-ignore-all lint: generated\n// biome-ignore-all format: generated\nexport const page = ${JSON.stringify(Object.fromEntries(files))};\n`,
);
console.log(`dashboard: ${kib.toFixed(1)} KiB compressed`);
