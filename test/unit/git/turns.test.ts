import { describe, expect, test } from "vitest";
import { Turns } from "../../../src/git/turns.ts";

describe("turns", () => {
	const busy = () => new Error("busy");

	/** Work that goes on until it is let go. */
	function works(turns: Turns) {
		const under: string[] = [];
		const letGo = new Map<string, () => void>();
		const start = (key: string, name: string) =>
			turns.take(
				key,
				() => {
					under.push(name);
					return new Promise<string>((resolve) => letGo.set(name, () => resolve(name)));
				},
				busy,
			);
		return { under, start, end: (name: string) => letGo.get(name)?.() };
	}

	test("are one at a time for a key, in order, and so many for all", async () => {
		const { under, start, end } = works(new Turns(2));
		const all = [start("a", "a1"), start("a", "a2"), start("b", "b1"), start("c", "c1")];
		await new Promise(setImmediate);
		expect(under).toEqual(["a1", "b1"]);
		end("b1");
		await all[2];
		await new Promise(setImmediate);
		expect(under).toEqual(["a1", "b1", "c1"]);
		end("a1");
		await all[0];
		await new Promise(setImmediate);
		expect(under).toEqual(["a1", "b1", "c1", "a2"]);
		end("a2");
		end("c1");
		expect(await Promise.all(all)).toEqual(["a1", "a2", "b1", "c1"]);
	});

	test("go on after work that failed, and leave nothing behind", async () => {
		const turns = new Turns(1);
		await expect(turns.take("a", () => Promise.reject(new Error("no")), busy)).rejects.toThrow("no");
		expect(await turns.take("a", async () => "yes", busy)).toBe("yes");
		expect(turns.isTaken("a")).toBe(false);
	});

	test("are refused when too many wait", async () => {
		const turns = new Turns(1);
		const { start, end } = works(turns);
		const first = start("a", "a1");
		const others = Array.from({ length: 999 }, () => turns.take("a", async () => "done", busy));
		await expect(start("b", "b1")).rejects.toThrow("busy");
		await new Promise(setImmediate);
		end("a1");
		await Promise.all([first, ...others]);
		expect(await turns.take("b", async () => "done", busy)).toBe("done");
	});
});
