import { describe, expect, test } from "vitest";
import { imagesAt } from "../../../../src/dashboard/images/page.ts";
import {
	imageConsequence,
	momentText,
	nextText,
	partsOf,
	shortDigest,
	states,
	suits,
} from "../../../../src/dashboard/images/words.ts";
import { imagesLink } from "../../../../src/dashboard/parts.ts";
import { emptyWorld, imagesUnder, taken } from "../../../../src/dashboard/state.ts";
import { IMAGE_STATES, IMAGE_VERBS, type Summary } from "../../../../src/server/dashboard/wire.ts";
import { DIGEST, imageOf } from "../../server/dashboard/bench.ts";

const standing = { isLoading: false, missing: [] };
const KEY = "Deployment/shop/cart";

describe("what the page knows of images", () => {
	const sidecar = imageOf({ container: "proxy" });
	const first = taken(emptyWorld, { type: "snapshot", canaries: [], images: [imageOf(), sidecar], standing });

	test("is what the last snapshot said, and what has changed since", () => {
		expect(emptyWorld.standing.isLoading).toBe(true);
		expect([...first.images]).toEqual([[KEY, [imageOf(), sidecar]]]);
		const later = taken(first, { type: "images", workload: KEY, images: [sidecar] });
		expect(later.images.get(KEY)).toEqual([sidecar]);
		expect(taken(later, { type: "images", workload: KEY, images: [] }).images.size).toBe(0);
		expect(taken(later, { type: "standing", standing: { isLoading: true, missing: ["x"] } }).standing.missing).toEqual([
			"x",
		]);
		expect(taken(first, { type: "snapshot", canaries: [], images: [], standing }).images.size).toBe(0);
	});

	test("is found from the Canary whose target it is", () => {
		const summary = { namespace: "shop", target: "Deployment cart" } as Summary;
		expect(imagesUnder(first, summary)).toBe(KEY);
		expect(imagesUnder(first, { ...summary, namespace: "other" })).toBeUndefined();
	});
});

test("every state has a word and a sign of its own tone", () => {
	expect(new Set(IMAGE_STATES.map((state) => states[state][0])).size).toBe(IMAGE_STATES.length);
	for (const state of IMAGE_STATES) expect(states[state].every((part) => part !== "")).toBe(true);
});

test.each([
	["", "", true],
	["cart minor", "", true],
	["WAITS 1.1.0", "AwaitingApproval", true],
	["cart", "UpToDate", false],
	["mail", "", false],
] as const)("the filter %j in state %j: %j", (words, state, expected) => {
	expect(suits(imageOf(), words, state)).toBe(expected);
});

test.each([
	["acme/cart:1.0.0", "acme/cart", "1.0.0"],
	[`localhost:5000/cart:1@${DIGEST}`, "localhost:5000/cart", "1"],
	["localhost:5000/cart", "localhost:5000/cart", ""],
])("the parts of %s", (image, repository, tag) => {
	expect(partsOf(image)).toEqual({ repository, tag });
});

test("a digest is short, and never mistaken for a whole one", () => {
	expect(shortDigest(DIGEST)).toBe("sha256:aaaaaaaaaaaa…");
	expect(shortDigest("sha256:abc")).toBe("sha256:abc");
});

test("what comes next says when", () => {
	const now = Date.parse("2026-03-02T10:00:00Z");
	const until = "2026-03-02T10:30:00Z";
	expect(nextText(imageOf({ until }), now)).toMatch(/^It waits for 1 of 1 approval until .*30.* \(in 30 min\)$/);
	expect(nextText(imageOf({ next: "It waits", nextAt: until }), now)).toMatch(/^It waits at .*30.* \(in 30 min\)$/);
	expect(nextText(imageOf(), now)).toBe("It waits for 1 of 1 approval");
	expect(momentText("2026-03-05T10:30:00Z", now)).toContain("5");
	expect(momentText("nonsense", now)).toBe("nonsense");
});

describe("a confirmation", () => {
	const given = { tag: "1.1.0", digest: DIGEST };
	test("says what will happen to which image, each its own", () => {
		const told = IMAGE_VERBS.map((verb) => imageConsequence(verb, imageOf(), given));
		expect(new Set(told).size).toBe(IMAGE_VERBS.length);
		for (const text of told) expect(text).toContain("1.1.0");
	});

	test("of an approval says whether it is the last that it takes", () => {
		const approvals = { given: ["ada"], required: 3 };
		expect(imageConsequence("approve", imageOf({ approvals }), given)).toContain("Then it takes 1 more approval.");
		const last = imageConsequence("approve", imageOf({ approvals: { given: [], required: 1 }, canary: "cart" }), given);
		expect(last).toContain("gets it at its next change window, and Canary cart rolls it out.");
		expect(last).toContain("sha256:aaaaaaaaaaaa…");
	});
});

test("the address of a workload's images leads to them, and others do not", () => {
	expect(imagesAt("#/images")).toBeUndefined();
	expect(imagesAt(imagesLink(KEY))).toBe(KEY);
	for (const path of ["", "#/", "#/canaries/a/b", "#/images/Deployment/shop", "#/images/a/b/%3Cscript>"])
		expect(imagesAt(path)).toBeNull();
});
