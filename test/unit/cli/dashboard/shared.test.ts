import { expect, test } from "vitest";
import { shared } from "../../../../src/cli/dashboard/shared.ts";

function counting(most = 10) {
	const clock = { now: 0 };
	const asked: string[] = [];
	const failing = new Set<string>();
	const ask = shared(
		async (name: string, more?: string) => {
			asked.push(name);
			if (failing.has(name)) throw new Error("refused");
			return `${name} ${more}`;
		},
		{ forMs: 2_000, most, now: () => clock.now },
	);
	return { clock, asked, failing, ask };
}

test("asks once for all who ask the same within the time, and anew after it", async () => {
	const { clock, asked, ask } = counting();
	expect(await Promise.all([ask("a", "x"), ask("a", "x"), ask("a", "y")])).toEqual(["a x", "a x", "a y"]);
	expect(asked).toEqual(["a", "a"]);
	clock.now = 1_999;
	await ask("a", "x");
	expect(asked).toHaveLength(2);
	clock.now = 2_000;
	await ask("a", "x");
	expect(asked).toHaveLength(3);
});

test("keeps no failure", async () => {
	const { asked, failing, ask } = counting();
	failing.add("a");
	const both = [ask("a"), ask("a")];
	for (const one of both) await expect(one).rejects.toThrow("refused");
	expect(asked).toHaveLength(1);
	failing.clear();
	expect(await ask("a")).toBe("a undefined");
});

test("keeps no more than it may", async () => {
	const { asked, ask } = counting(3);
	for (const name of ["a", "b", "c", "d", "e"]) await ask(name);
	await ask("e");
	expect(asked).toHaveLength(5);
	await ask("a");
	expect(asked).toHaveLength(6);
});
