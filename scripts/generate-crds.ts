// Writes crds/ from the schemas of src/api. With --check it writes nothing and fails when a file is not as it would be.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { customResourceDefinitionFiles } from "../src/api/crd.ts";

const folder = join(import.meta.dirname, "..", "crds");
mkdirSync(folder, { recursive: true });
const wanted = customResourceDefinitionFiles();
const found = new Map(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), "utf8")]));
const stale = [...new Set([...wanted.keys(), ...found.keys()])].filter((name) => wanted.get(name) !== found.get(name));

if (process.argv.includes("--check")) {
	if (stale.length > 0) {
		console.error(`not as src/api says: ${stale.map((name) => `crds/${name}`).join(", ")}; run npm run generate`);
		process.exitCode = 1;
	}
} else {
	for (const name of stale) {
		const text = wanted.get(name);
		if (text === undefined) rmSync(join(folder, name));
		else writeFileSync(join(folder, name), text);
		console.log(`crds/${name} ${text === undefined ? "removed" : "written"}`);
	}
}
