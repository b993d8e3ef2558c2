import { describe, expect, test } from "vitest";
import { RECORD_ANNOTATION } from "../../../../src/api/image-record.ts";
import { list } from "../../../../src/cli/updater/commands/list.ts";
import { namedWorkload } from "../../../../src/cli/updater/commands/workloads.ts";
import { apiOf, awaiting, deployment, hindered, NOW, policy } from "./cluster.ts";

const rows = async (objects: Parameters<typeof apiOf>[0], { isWhole = false } = {}) => {
	const text = await list(
		{ client: apiOf(objects).client, namespace: isWhole ? undefined : "shop", now: NOW },
		"table",
	);
	return text.split("\n").map((line) => line.split(/ {2,}/));
};
const cart = deployment("ghcr.io/acme/cart:1.2.0");

describe("the list", () => {
	test("has a line an image, as the policy's status says", async () => {
		const seen = { why: "minor chooses 1.3.0", lastScan: "2026-01-01T11:59:30.000Z" };
		expect((await rows([cart, awaiting(1, seen)]))[1]).toEqual([
			"Deployment/cart",
			"app",
			"1.2.0",
			"1.3.0",
			"AwaitingApproval",
			"30s ago",
			"minor chooses 1.3.0",
		]);
	});

	test("says what keeps what was chosen from going on", async () => {
		const stuck = hindered(
			awaiting(1, { why: "minor chooses 1.3.0" }, "Writing"),
			"WriteProblem",
			"denied by a policy",
		);
		expect((await rows([cart, stuck]))[1]?.at(-1)).toBe("denied by a policy");
	});

	test("shows of annotations what outlives the operator, and - for the rest", async () => {
		const chosen = {
			tag: "1.2.0",
			digest: "sha256:0",
			why: "minor",
			at: "2026-01-01T11:00:00.000Z",
			state: "RolledOut",
		};
		const record = JSON.stringify([{ container: "app", role: "container", chosen }]);
		const annotated = deployment("ghcr.io/acme/cart:1.2.0", { "keel.sh/policy": "minor", [RECORD_ANNOTATION]: record });
		expect((await rows([annotated]))[1]).toEqual(["Deployment/cart", "app", "1.2.0", "1.2.0", "RolledOut", "-", "-"]);
	});

	test("shows who asked for what cannot be done", async () => {
		const bad = deployment("ghcr.io/acme/bad:1.2.0", { "keel.sh/policy": "majr" }, "bad");
		const [, first, second] = await rows([bad, policy({})], { isWhole: true });
		expect(first?.slice(0, 6)).toEqual(["shop", "Deployment/bad", "-", "-", "-", "Invalid"]);
		expect(second?.at(-1)).toBe("spec.targetRef: there is no Deployment cart");
	});

	test("leaves out what nobody asks for, and what a Canary keeps", async () => {
		const owner = { apiVersion: "haldane.dev/v1beta1", kind: "Canary", name: "cart", uid: "1", controller: true };
		const primary = deployment("ghcr.io/acme/cart:1.2.0", { "keel.sh/policy": "minor" }, "cart-primary");
		const owned = { ...primary, metadata: { ...primary.metadata, ownerReferences: [owner] } };
		expect((await rows([cart, owned])).flat().join()).toContain("no image is kept up to date in namespace shop");
	});

	test("is read by programs too", async () => {
		const text = await list({ client: apiOf([cart, awaiting(1)]).client, namespace: "shop", now: NOW }, "json");
		expect(JSON.parse(text).images).toMatchObject([{ name: "cart", record: { chosen: { tag: "1.3.0" } } }]);
	});
});

describe("a workload is named", () => {
	test.each([
		["deployment/cart", "Deployment"],
		["deploy/cart", "Deployment"],
		["StatefulSets/cart", "StatefulSet"],
		["cj/cart", "CronJob"],
		["ds/cart", "DaemonSet"],
	])("as kubectl has it: %s", (text, kind) => {
		expect(namedWorkload(text)).toEqual({ kind, name: "cart" });
	});
	test.each(["cart", "pod/cart", "deploy/", "deploy/cart/x"])("not as %s", (text) => {
		expect(() => namedWorkload(text)).toThrow("write KIND/NAME");
	});
});
