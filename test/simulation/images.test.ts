import { expect, test } from "vitest";
import { Life, LifeTally } from "../support/updater/model/life.ts";

const seedBase = Number(process.env.SEED ?? 1);
const lives = process.env.SEED === undefined ? Number(process.env.LIVES ?? 400) : 1;

/** The life of one seed; a broken law is thrown with the end of its story. */
async function liveThrough(seed: number, tally: LifeTally): Promise<void> {
	try {
		await new Life(seed, tally).live();
	} catch (cause) {
		throw new Error(`SEED=${seed}: ${cause instanceof Error ? cause.message : cause}\n${await storyOf(seed)}`, {
			cause,
		});
	}
}

async function storyOf(seed: number): Promise<string> {
	const lines: string[] = [];
	try {
		await new Life(seed, new LifeTally(), (line) => lines.push(line)).live();
	} catch {
		// It is told because it fails.
	}
	return lines.slice(process.env.SEED === undefined ? -40 : 0).join("\n");
}

test.each([
	["a tag that vanishes under a rule of content is said to be gone at once", 41],
	["a process that begins where another died asks all gates anew before it writes", 3935],
	["an image that serves is rolled out, though what was tested beside it failed", 7048],
	["a person's image that failed is no content to wait for", 8345],
])("%s", async (_name, seed) => liveThrough(seed, new LifeTally()));

test("whatever goes wrong, images are only changed by the laws, and the best that is allowed is rolled out", async () => {
	const tally = new LifeTally();
	const startedAt = performance.now();
	for (let seed = seedBase; seed < seedBase + lives; seed += 1) await liveThrough(seed, tally);
	const seconds = (performance.now() - startedAt) / 1_000;
	console.log(
		`${lives} lives from seed ${seedBase} in ${seconds.toFixed(1)} s: ${tally.images} images in ${tally.writes} writes, told ${JSON.stringify([...tally.told])}`,
	);
	expect(tally.lives).toBe(lives);
	if (lives > 1)
		expect([...tally.told.keys()]).toEqual(
			expect.arrayContaining(["ImageRolledOut", "ImageRolledBack", "ImageRejected"]),
		);
});
