import { parseArgs } from "node:util";
import { knownProviders } from "../../src/mesh-adapters/registry.ts";

/** What a run of the bench is asked to do. */
export interface BenchOptions {
	readonly canaries: number;
	/** A duration text: the interval of every analysis. */
	readonly interval: string;
	readonly provider: string;
	/** Whether Deployments are ready at once, or when their pods have been made and run. */
	readonly pods: "at once" | "run";
	/** New revisions come evenly over so many seconds; 0 is all at once, as fast as they can be sent. */
	readonly overSeconds: number;
	/** V8 flags that the operator is started with, by spaces. */
	readonly nodeFlags: readonly string[];
	/** Further flags of the operator, by spaces. */
	readonly operatorFlags: readonly string[];
	/** Where to write the figures as JSON. */
	readonly json: string | undefined;
	/** A folder for the operator's CPU profile. */
	readonly profile: string | undefined;
}

export const USAGE = `usage: npm run bench -- [--canaries 50] [--interval 10s] [--provider gatewayapi:v1] [--pods at-once|run]
       [--over 0s] [--node-flags FLAGS] [--operator-flags FLAGS] [--json FILE] [--profile FOLDER]
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
				pods: { type: "string", default: "at-once" },
				over: { type: "string", default: "0s" },
				"node-flags": { type: "string", default: "" },
				"operator-flags": { type: "string", default: "" },
				json: { type: "string" },
				profile: { type: "string" },
			},
		});
		const canaries = Number(values.canaries);
		if (!Number.isInteger(canaries) || canaries < 1 || canaries > 10_000) {
			return { problem: "--canaries: write a number from 1 to 10000" };
		}
		if (!/^\d+s$/.test(values.interval)) return { problem: "--interval: write whole seconds, like 10s" };
		if (!/^\d+s$/.test(values.over)) return { problem: "--over: write whole seconds, like 10s" };
		if (!["at-once", "run"].includes(values.pods)) return { problem: "--pods: write at-once or run" };
		const { interval, provider, json, profile } = values;
		const words = (text: string) => text.split(" ").filter(Boolean);
		return {
			canaries,
			interval,
			provider,
			pods: values.pods === "run" ? "run" : "at once",
			overSeconds: Number.parseInt(values.over, 10),
			nodeFlags: words(values["node-flags"]),
			operatorFlags: words(values["operator-flags"]),
			json,
			profile,
		};
	} catch (thrown) {
		return { problem: thrown instanceof Error ? thrown.message : String(thrown) };
	}
}
