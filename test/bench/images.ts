import { writeFileSync } from "node:fs";
import { BedError } from "../support/control-plane/bed-error.ts";
import { benchImages } from "./images/bench.ts";
import { imageTableOf } from "./images/figures.ts";
import { imageOptionsFrom, USAGE } from "./images/options.ts";

// What the image updater costs, and how quickly it acts: a report, not a test.
const options = imageOptionsFrom(process.argv.slice(2));
if ("problem" in options) {
	console.error(`${options.problem}\n${USAGE}`);
	process.exit(2);
}
try {
	const figures = await benchImages(options, (line) => console.error(line));
	const { workloads, repositories, tags, polls, webhooks, everyMs, etags } = options;
	const report = { workloads, repositories, tags, polls, webhooks, everyMs, etags, figures };
	console.log(imageTableOf(figures));
	if (options.json === undefined) console.log(JSON.stringify(report));
	else writeFileSync(options.json, `${JSON.stringify(report, undefined, "\t")}\n`);
	process.exit(0);
} catch (thrown) {
	console.error(thrown instanceof BedError ? thrown.message : thrown);
	process.exit(1);
}
