import { parseArgs } from "node:util";
import { knownProviders } from "../../src/mesh-adapters/registry.ts";

/** What a run of the bench is asked to do. */
export interface BenchOptions {
	readonly canaries: number;
	/** A duration text: the interval of every analysis. */
	readonly interval: string;
	readonly provider: string;
	/** Where to write the figures as JSON. */
	readonly json: string | undefined;
	/** A folder for the operator's CPU profile. */
	readonly profile: string | undefined;
}

export const USAGE = `usage: npm run bench -- [--canaries 50] [--interval 10s] [--provider gatewayapi:v1] [--json FILE] [--profile FOLDER]
providers: ${knownProviders.join(", ")}`;

/** Reads the command line; what is wrong with it is a sentence. */
export function optionsFrom(args: readonly string[]): BenchOptions | { readonly problem: string } {
	try {
		const { values } = parseArgs({
			args: [...args],
			options: {
				canaries: { type: "string", default: "50" },
				interval: { type: "string", default: "10s" },
				provider: { type: "string", default: "gatewayapi:v1" },
				json: { type: "string" },
				profile: { type: "string" },
			},
		});
		const canaries = Number(values.canaries);
		if (!Number.isInteger(canaries) || canaries < 1 || canaries > 10_000) {
			return { problem: "--canaries: write a number from 1 to 10000" };
		}
		if (!/^\d+s$/.test(values.interval)) return { problem: "--interval: write whole seconds, like 10s" };
		return { ...values, canaries, json: values.json, profile: values.profile };
	} catch (thrown) {
		return { problem: thrown instanceof Error ? thrown.message : String(thrown) };
	}
}
