import { describe, expect, test } from "vitest";
import { parseImageApproval } from "../../../../src/api/image-approval.ts";
import { pending } from "../../../../src/cli/updater/commands/pending.ts";
import { vote } from "../../../../src/cli/updater/commands/vote.ts";
import { apiOf, approval, awaiting, deployment, digestOf, hindered, NOW } from "./cluster.ts";

const cart = deployment("ghcr.io/acme/cart:1.2.0");
const asked = {
	decision: "approve",
	workload: { kind: "Deployment", name: "cart" },
	container: undefined,
	comment: undefined,
} as const;
const of = (client: ReturnType<typeof apiOf>["client"]) => ({ client, namespace: "shop" });

describe("a vote", () => {
	test("is for exactly the digest that was chosen, by whom the API server says", async () => {
		const { client, created } = apiOf([cart, awaiting(2)], { user: "ada" });
		const said = await vote(of(client), { ...asked, comment: "looks well" });
		expect(said).toBe(
			`Deployment shop/cart: ghcr.io/acme/cart:1.3.0 (${digestOf("a")}) is approved by ada; 1 more is needed until 2026-01-01T13:00:00.000Z`,
		);
		const [object] = created;
		expect(object?.metadata).toEqual({ generateName: "cart-", namespace: "shop" });
		expect(object && parseImageApproval(object)).toMatchObject({
			ok: true,
			approval: {
				spec: {
					image: "ghcr.io/acme/cart:1.3.0",
					digest: digestOf("a"),
					decision: "approve",
					user: "ada",
					comment: "looks well",
					workload: { kind: "Deployment", name: "cart" },
				},
			},
		});
	});

	test("says when it was the last that was needed", async () => {
		const { client } = apiOf([cart, awaiting(2), approval("bob", "approve")]);
		expect(await vote(of(client), asked)).toContain("that was enough");
	});

	test("says so where the operator counts none", async () => {
		const uncounted = hindered(awaiting(1), "ApprovalsProblem", "approvals do not count: nobody vouches");
		expect(await vote(of(apiOf([cart, uncounted]).client), asked)).toMatch(
			/is approved by ada; but the operator says: approvals do not count: nobody vouches$/,
		);
		const elsewhere = hindered(awaiting(1), "WriteProblem", "not this");
		expect(await vote(of(apiOf([cart, elsewhere]).client), asked)).toContain("that was enough");
	});

	test("counts nothing that was said of another digest", async () => {
		const { client } = apiOf([cart, awaiting(2), approval("bob", "approve", digestOf("b"))]);
		expect(await vote(of(client), asked)).toContain("1 more is needed");
	});

	test("against it says what that means", async () => {
		const { client, created } = apiOf([cart, awaiting(2)]);
		expect(await vote(of(client), { ...asked, decision: "reject" })).toContain("is rejected by ada; it is not used");
		expect(created).toHaveLength(1);
	});

	test.each([
		["when nothing waits", [cart], asked, "no image waits for approval"],
		[
			"of what waits for something else",
			[cart, awaiting(1, {}, "AwaitingWindow")],
			asked,
			"no image waits for approval",
		],
		[
			"of a container that waits for nothing",
			[cart, awaiting(1)],
			{ ...asked, container: "log" },
			"no image of log waits",
		],
		["twice", [cart, awaiting(2), approval("ada", "approve")], asked, "was approved by you already"],
		["for what one rejected", [cart, awaiting(2), approval("ada", "reject")], asked, "delete your ImageApproval"],
		["of no workload", [awaiting(1)], asked, "there is no Deployment shop/cart"],
	] as const)("is refused %s", async (_when, objects, what, words) => {
		const { client, created } = apiOf(objects);
		await expect(vote(of(client), what)).rejects.toThrow(words);
		expect(created).toEqual([]);
	});

	test("names the role to whoever may not", async () => {
		const { client } = apiOf([cart, awaiting(1)], { forbidden: ["create ImageApproval"] });
		await expect(vote(of(client), asked)).rejects.toThrow(
			/you \(ada\) may not approve images in namespace shop.*--clusterrole=haldane-approver --user=ada/,
		);
	});
});

describe("what is pending", () => {
	test("is shown with who said what, and until when", async () => {
		const { client } = apiOf([cart, awaiting(2), approval("bob", "approve")]);
		const [, row] = (await pending({ client, namespace: "shop", now: NOW })).split("\n");
		expect(row?.split(/ {2,}/)).toEqual([
			"Deployment/cart",
			"app",
			"ghcr.io/acme/cart:1.3.0",
			"1.2.0",
			digestOf("a"),
			"1 of 2 (bob)",
			"in 1h",
		]);
	});

	test("is followed by why nothing counts that anyone says", async () => {
		const uncounted = hindered(awaiting(1), "ApprovalsProblem", "approvals do not count: nobody vouches");
		const { client } = apiOf([cart, uncounted]);
		expect((await pending({ client, namespace: "shop", now: NOW })).split("\n").at(-1)).toBe(
			"Deployment shop/cart: approvals do not count: nobody vouches",
		);
	});

	test("is said to be nothing", async () => {
		const { client } = apiOf([cart]);
		expect(await pending({ client, namespace: undefined, now: NOW })).toBe(
			"nothing waits for approval in any namespace",
		);
	});
});
