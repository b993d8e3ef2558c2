import { fork } from "node:child_process";
import { once } from "node:events";
import type { Counts, Order, Report } from "./registry-process.ts";

/** The registry of the bench: quick, and in a process of its own. */
export interface BenchRegistry {
	/** `127.0.0.1:40123`, as images name it. */
	readonly host: string;
	push(repository: string, tag: string): Promise<void>;
	/** Requests so far, by repository. */
	counts(): Promise<Readonly<Record<string, Counts>>>;
	stop(): void;
}

/** Every repository starts with the same tags. */
export async function startBenchRegistry(
	repositories: readonly string[],
	{ tags, etags }: { readonly tags: readonly string[]; readonly etags: boolean },
): Promise<BenchRegistry> {
	const child = fork(new URL("registry-process.ts", import.meta.url));
	process.once("exit", () => child.kill("SIGKILL"));
	let last: Promise<unknown> = Promise.resolve();
	/** One order at a time, so that each gets its own answer. */
	const ask = <Kind extends Report["kind"]>(order: Order, kind: Kind) => {
		const answered = last.then(async () => {
			const answer = once(child, "message") as Promise<[Report]>;
			child.send(order);
			const [report] = await answer;
			if (report.kind !== kind) throw new Error(`the registry said ${report.kind} to ${order.do}`);
			return report as Extract<Report, { kind: Kind }>;
		});
		last = answered;
		return answered;
	};
	const { port } = await ask({ do: "start", repositories, tags, etags }, "started");
	return {
		host: `127.0.0.1:${port}`,
		push: async (repository, tag) => {
			await ask({ do: "push", repository, tag }, "pushed");
		},
		counts: async () => (await ask({ do: "count" }, "counted")).counts,
		stop: () => void child.kill(),
	};
}
