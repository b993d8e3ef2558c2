import { expect, test } from "vitest";
import { createStreams } from "../../../../src/sandbox/api-server/http/streams.ts";
import type { Reader } from "../../../../src/sandbox/api-server/rest/exchange.ts";

const LIMITS = { countMax: 3, pendingBytesMax: 100, endingBytesMax: 10, endingMsMax: 1_000 };

/** Streams under small limits, whose clients read only what a test lets them. */
function stage() {
	let now = 0;
	const streams = createStreams({ ...LIMITS, now: () => now });
	function open() {
		const readers: Reader[] = [];
		const closing: (() => void)[] = [];
		const seen = { pending: 0, ended: false, destroyed: false, closes: 0 };
		streams.open(
			{
				status: 200,
				headers: {},
				open(reader) {
					readers.push(reader);
					return () => {
						seen.closes += 1;
					};
				},
			},
			{
				write(text) {
					seen.pending += text.length;
				},
				pendingBytes: () => seen.pending,
				end() {
					seen.ended = true;
				},
				destroy() {
					seen.destroyed = true;
				},
				onClosed: (listener) => void closing.push(listener),
			},
		);
		const [reader] = readers;
		if (!reader) throw new Error("the stream was not opened");
		return {
			reader,
			seen,
			read() {
				seen.pending = 0;
			},
			close() {
				for (const listener of closing) listener();
			},
		};
	}
	return {
		streams,
		open,
		pass(ms: number) {
			now += ms;
			streams.tidy(now);
		},
	};
}

test("who is told that it is over has a while to take the rest", () => {
	const { streams, open, pass } = stage();
	const { reader, seen, close } = open();
	reader.write("x");
	reader.end();
	pass(LIMITS.endingMsMax);
	expect({ ...seen, count: streams.count() }).toMatchObject({ ended: true, destroyed: false, closes: 0, count: 1 });
	pass(1);
	expect(seen.destroyed).toBe(true);
	close();
	expect({ closes: seen.closes, count: streams.count() }).toEqual({ closes: 1, count: 0 });
});

test("who left much unread by its end is cut off at once", () => {
	const { reader, seen } = stage().open();
	reader.write("x".repeat(LIMITS.endingBytesMax + 1));
	reader.end();
	expect(seen).toMatchObject({ ended: false, destroyed: true });
});

test("what has been read since takes no room", () => {
	const { open } = stage();
	const [one, other] = [open(), open()];
	for (let round = 0; round < 5; round += 1) {
		one.reader.write("x".repeat(60));
		one.read();
		other.reader.write("x".repeat(60));
		other.read();
	}
	expect([one.seen.destroyed, other.seen.destroyed]).toEqual([false, false]);
});

test("the one that holds most makes room, and is told nothing more", () => {
	const { streams, open } = stage();
	const [greedy, modest] = [open(), open()];
	greedy.reader.write("x".repeat(90));
	modest.reader.write("x".repeat(20));
	expect([greedy.seen.destroyed, modest.seen.destroyed, streams.count()]).toEqual([true, false, 1]);
	greedy.reader.write("more");
	expect(greedy.seen.pending).toBe(90);
	modest.reader.write("x".repeat(75));
	expect(modest.seen.destroyed).toBe(false);
});

test("there is room again when a client hangs up", () => {
	const { streams, open } = stage();
	const opened = [open(), open(), open()];
	expect(streams.hasRoom()).toBe(false);
	opened[0]?.close();
	expect(streams.hasRoom()).toBe(true);
});
