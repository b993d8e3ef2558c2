import { blueGreen } from "./blue-green.ts";
import { stepped } from "./stepped.ts";
import type { Analysis, Strategy } from "./strategy.ts";
import { weighted } from "./weighted.ts";

/** Every strategy; the first that an analysis asks for is used, and the API server refuses to be asked for two. */
export const strategies = {
	steps: stepped,
	"blue-green": blueGreen,
	weighted,
} as const satisfies Record<string, Strategy>;

export type StrategyName = keyof typeof strategies;

/** The name of the strategy that the analysis asks for; undefined when it asks for none. */
export function strategyOf(analysis: Analysis): StrategyName | undefined {
	const names = Object.keys(strategies) as StrategyName[];
	return names.find((name) => strategies[name].asksFor(analysis));
}
