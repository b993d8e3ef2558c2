import { fork } from "node:child_process";
import { once } from "node:events";
import { percentile } from "./figures.ts";

/** What many watches cost a server in this process. */
export interface ManyWatches {
	readonly openedMs: number;
	/** What the server grew by. */
	readonly mebibytes: number;
	/** From an object's change in the server to the event's being read, with all the watches open. */
	readonly p99Ms: number;
}

interface Served {
	readonly url: string;
	readonly ca: string;
	readonly token: string;
}

/** Each watch is of one object by its name, as a kubelet's are; the clients are another process, so as not to be counted. */
export async function openManyWatches(
	served: Served,
	names: readonly string[],
	change: (name: string) => void,
	changed: number,
): Promise<ManyWatches> {
	const before = process.memoryUsage.rss();
	const watchers = fork(new URL("watchers.ts", import.meta.url));
	const next = async <T>() => (await once(watchers, "message"))[0] as T;
	try {
		const began = performance.now();
		watchers.send({ served, names });
		const { open } = await next<{ readonly open: number }>();
		if (open !== names.length) throw new Error(`only ${open} of ${names.length} watches could be opened`);
		const openedMs = performance.now() - began;
		const mebibytes = (process.memoryUsage.rss() - before) / 2 ** 20;
		const took: number[] = [];
		for (const name of names.slice(0, changed)) {
			const at = performance.timeOrigin + performance.now();
			change(name);
			const event = await next<{ readonly name: string; readonly at: number }>();
			if (event.name !== name) throw new Error(`${event.name} was told of in place of ${name}`);
			took.push(event.at - at);
		}
		return { openedMs, mebibytes, p99Ms: percentile(took, 99) };
	} finally {
		watchers.kill();
	}
}
