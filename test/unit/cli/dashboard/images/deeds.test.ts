import { describe, expect, test } from "vitest";
import { doDeed } from "../../../../../src/cli/dashboard/images/deeds.ts";
import type { KubeObject, ObjectRef } from "../../../../../src/domain/kube-object.ts";
import { ForbiddenError } from "../../../../../src/kube/errors.ts";
import type { ImageDeed } from "../../../../../src/server/dashboard/ports.ts";
import { DIGEST, imageOf } from "../../../server/dashboard/bench.ts";

function over({ answer = {}, refusal }: { answer?: object; refusal?: Error } = {}) {
	const created: KubeObject[] = [];
	const patched: [ObjectRef, object][] = [];
	const ports = (user: string | undefined) => ({
		client: {
			async create(object: KubeObject) {
				if (refusal !== undefined && object.kind === "ImageApproval") throw refusal;
				created.push(object);
				return { ...object, ...answer };
			},
			async patch(ref: ObjectRef, patch: object) {
				if (refusal !== undefined) throw refusal;
				patched.push([ref, patch]);
				return {} as KubeObject;
			},
		},
		user,
		unique: () => "u1",
		deadline: () => new AbortController().signal,
	});
	return { created, patched, ports };
}

const deed = (verb: ImageDeed["verb"], more: Partial<ImageDeed> = {}): ImageDeed => ({
	verb,
	line: imageOf(),
	tag: "1.1.0",
	digest: DIGEST,
	...more,
});

describe("a say", () => {
	test("is an ImageApproval of exactly that digest, by the user that is known", async () => {
		const { created, ports } = over();
		expect(await doDeed(ports("ada"), deed("approve"))).toBe("Deployment shop/cart: 1.1.0 approved by ada");
		expect(created).toEqual([
			{
				apiVersion: "haldane.dev/v1beta1",
				kind: "ImageApproval",
				metadata: { name: "cart-u1", namespace: "shop" },
				spec: {
					image: "ghcr.io/acme/cart:1.1.0",
					digest: DIGEST,
					workload: { kind: "Deployment", name: "cart" },
					decision: "approve",
					user: "ada",
				},
			},
		]);
	});

	test("is by whom the API server says that we are, where that is not known", async () => {
		const { created, ports } = over({ answer: { status: { userInfo: { username: "ada" } } } });
		expect(await doDeed(ports(undefined), deed("reject"))).toContain("rejected by ada");
		expect(created.map(({ kind }) => kind)).toEqual(["SelfSubjectReview", "ImageApproval"]);
		expect(created[1]?.spec).toMatchObject({ decision: "reject", user: "ada" });
	});

	test("is not made where nobody says who we are", async () => {
		const { created, ports } = over({ answer: { status: {} } });
		await expect(doDeed(ports(undefined), deed("approve"))).rejects.toThrow("does not say who you are");
		expect(created.map(({ kind }) => kind)).toEqual(["SelfSubjectReview"]);
	});

	test("that is refused says so with the mend", async () => {
		const refusal = new ForbiddenError("ImageApproval shop/cart-u1: forbidden", { status: 403, reason: "Forbidden" });
		await expect(doDeed(over({ refusal }).ports("ada"), deed("approve"))).rejects.toThrow("ask for a role");
	});
});

describe("forgetting", () => {
	test.each([
		["ImagePolicy", "cart-images", "haldane.dev/v1beta1"],
		["Deployment", "cart", "apps/v1"],
		["CronJob", "cart", "batch/v1"],
	])("is asked of the %s that remembers", async (kind, name, apiVersion) => {
		const { patched, ports } = over();
		const line = imageOf({ askedBy: { kind, name } });
		expect(await doDeed(ports("ada"), deed("forget", { line }))).toBe(`${kind} shop/${name}: asked to forget 1.1.0`);
		const annotations = { "haldane.dev/command": "forget:app/1.1.0@u1" };
		expect(patched).toEqual([[{ apiVersion, kind, namespace: "shop", name }, { metadata: { annotations } }]]);
	});
});
