import { writeFileSync } from "node:fs";
import { BedError } from "../support/control-plane/bed-error.ts";
import { bench } from "./bench.ts";
import { tableOf } from "./figures.ts";
import { optionsFrom, USAGE } from "./options.ts";

const options = optionsFrom(process.argv.slice(2));
if ("problem" in options) {
	console.error(`${options.problem}\n${USAGE}`);
	process.exit(2);
}
try {
	const figures = await bench(options, (line) => console.error(line));
	const { canaries, interval, provider, overSeconds } = options;
	const report = { canaries, interval, provider, overSeconds, figures };
	console.log(tableOf(figures, canaries));
	if (options.json === undefined) console.log(JSON.stringify(report));
	else writeFileSync(options.json, `${JSON.stringify(report, undefined, "\t")}\n`);
	process.exit(0);
} catch (thrown) {
	console.error(thrown instanceof BedError ? thrown.message : thrown);
	process.exit(1);
}
