import { anchored } from "../../matcher.ts";
import { ExecutionError } from "../syntax.ts";
import type { Vector } from "../values.ts";

export function labelReplace(vector: Vector, [target, replacement, source, pattern]: readonly string[]): Vector {
	let expression: RegExp;
	try {
		expression = anchored(pattern ?? "");
	} catch {
		throw new ExecutionError(`invalid regular expression in label_replace(): ${pattern}`);
	}
	// Since Prometheus 3 a label may have any name but none.
	if (!target) throw new ExecutionError(`invalid destination label name in label_replace(): ${target}`);
	return vector.map((sample) => {
		const found = expression.exec(sample.labels.get(source ?? ""));
		if (found === null) return sample;
		return { ...sample, labels: sample.labels.with([[target, expanded(replacement ?? "", found)]]) };
	});
}

/** The template with `$1`, `$name` and `${name}` filled in; a name is as long as it can be, and an unknown one is empty. */
function expanded(template: string, found: RegExpExecArray): string {
	return template.replaceAll(/\$(?:\$|(\w+)|\{(\w+)\})/g, (whole, bareName?: string, braced?: string) => {
		const name = bareName ?? braced;
		if (name === undefined) return whole === "$$" ? "$" : whole;
		return (/^\d+$/.test(name) ? found[Number(name)] : found.groups?.[name]) ?? "";
	});
}

export function labelJoin(vector: Vector, [target = "", separator = "", ...sources]: readonly string[]): Vector {
	for (const source of sources)
		if (source === "") throw new ExecutionError(`invalid source label name in label_join(): ${source}`);
	if (target === "") throw new ExecutionError(`invalid destination label name in label_join(): ${target}`);
	return vector.map((sample) => {
		const joined = sources.map((source) => sample.labels.get(source)).join(separator);
		return { ...sample, labels: sample.labels.with([[target, joined]]) };
	});
}
