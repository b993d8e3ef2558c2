import { expect, test } from "vitest";
import type { Canary } from "../../../src/api/canary.ts";
import { details, table } from "../../../src/cli/get.ts";
import { inSeconds, NOW, recorded, running } from "../../support/situations.ts";

const cart = {
	apiVersion: "haldane.dev/v1beta1",
	kind: "Canary",
	metadata: { namespace: "shop", name: "cart" },
	spec: { targetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "cart" } },
	status: recorded("Progressing", {
		canaryWeight: 40,
		failedChecks: 1,
		run: running({ nextCheckAt: inSeconds(7) }),
		checks: [{ name: "rate", value: 99.5, threshold: ">= 99", verdict: "passed", at: inSeconds(-3) }],
	}),
} as unknown as Canary;

test("a table says where each Canary stands and when something happens next", () => {
	const [head, row] = table([cart], true, NOW).split("\n");
	expect(head?.split(/\s{2,}/)).toEqual([
		"NAMESPACE",
		"NAME",
		"PHASE",
		"WEIGHT",
		"STEP",
		"FAILED",
		"READY",
		"NEXT",
		"MESSAGE",
	]);
	expect(row?.split(/\s{2,}/)).toEqual(["shop", "cart", "Progressing", "40", "2/3", "1", "Unknown", "in 7s"]);
});

test("no Canaries are said to be none", () => {
	expect(table([], false, NOW)).toBe("no Canaries");
});

test("one Canary is told whole", () => {
	const text = details(cart, NOW);
	for (const part of ["step 2 of 3", "candidate 40 %", "checks in 7s", "rate: passed at 99.5 (wanted >= 99)"]) {
		expect(text).toContain(part);
	}
});
