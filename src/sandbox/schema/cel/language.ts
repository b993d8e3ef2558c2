import { isIPv4, isIPv6 } from "node:net";
import { Environment } from "@marcbachmann/cel-js";
import { counted, countSteps } from "./steps.ts";

/** Asks an expression with these variables. Throws what the language says is wrong with asking. */
export type Evaluate = (variables: Readonly<Record<string, unknown>>) => unknown;

/** The language with what Kubernetes adds to it. `isOpen`: a name that is not known may be anything. */
export function createLanguage({ isOpen }: { readonly isOpen: boolean }): Environment {
	return new Environment({
		unlistedVariablesAreDyn: isOpen,
		homogeneousAggregateLiterals: false,
		enableOptionalTypes: true,
	})
		.registerFunction("isIP(string): bool", (text: string) => isIPv4(text) || isIPv6(text))
		.registerFunction("list.isSorted(): bool", (items: unknown) => isSorted([...(items as Iterable<unknown>)]));
}

/** Throws when it cannot be read. */
export function compile(language: Environment, expression: string): Evaluate {
	const read = language.parse(withoutIndexInHas(expression));
	// Checked before, for the counting takes loops apart; what is at fault is told when it is asked.
	if (read.check().valid) countSteps(read.ast);
	return (variables) => counted(() => read(variables));
}

/** This evaluator asks `has` only along names; `has(self[0].a)` is the same question as `"a" in self[0]`. */
function withoutIndexInHas(expression: string): string {
	return expression.replaceAll(/\bhas\(([^()]*\[\d+\][^()]*?)\.(\w+)\)/g, '("$2" in $1)');
}

function isSorted(items: readonly unknown[]): boolean {
	return items.every((item, index) => index === 0 || (items[index - 1] as string) <= (item as string));
}
