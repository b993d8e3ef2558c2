import { expect, test } from "vitest";
import { hintedUpdater } from "../../../../src/cli/updater/start.ts";

const updater = (concerned: number) => ({ hint: () => concerned, done: Promise.resolve() });
const push = { image: "ghcr.io/acme/app", tag: "1.3.0" };

test("hints go to the updater of the term that lasts, and to nobody else", () => {
	const hinted = hintedUpdater();
	expect([hinted.isLeading(), hinted.hint(push)]).toEqual([false, 0]);
	const [first, second] = [new AbortController(), new AbortController()];
	hinted.follow(updater(1), first.signal);
	expect([hinted.isLeading(), hinted.hint(push)]).toEqual([true, 1]);
	hinted.follow(updater(2), second.signal);
	first.abort();
	expect([hinted.isLeading(), hinted.hint(push)]).toEqual([true, 2]);
	second.abort();
	expect([hinted.isLeading(), hinted.hint(push)]).toEqual([false, 0]);
	hinted.follow(updater(3), AbortSignal.abort());
	expect(hinted.isLeading()).toBe(false);
});
