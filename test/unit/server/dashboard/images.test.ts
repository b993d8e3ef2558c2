import { describe, expect, test } from "vitest";
import { bearerDoor } from "../../../../src/server/dashboard/bearer-door.ts";
import type { Wish } from "../../../../src/server/dashboard/door.ts";
import type { ImageLine } from "../../../../src/server/dashboard/wire.ts";
import { DIGEST, dashboardOver, imageOf, ORIGIN } from "./bench.ts";

const root = "/api/images/Deployment/shop/cart/app/actions";
const approve = `${root}/approve?tag=1.1.0&digest=${DIGEST}`;
const forget = `${root}/forget?tag=1.0.9`;
const failed = [{ tag: "1.0.9", at: "2026-01-01T00:00:00Z", why: "it failed" }];
const post = { method: "POST", headers: { Origin: ORIGIN } };

async function answered(path: string, line: ImageLine = imageOf({ failed }), init: RequestInit = post) {
	const bench = dashboardOver([], {}, [line]);
	const answer = await bench.request(path, init as Parameters<typeof bench.request>[1]);
	const { message, error } = (await answer.json()) as { readonly message?: string; readonly error?: string };
	return { status: answer.status, message, error, acted: bench.acted };
}

test("the list and the stream tell of images, and of what changes", async () => {
	const bench = dashboardOver([], {}, [imageOf()]);
	expect(await (await bench.request("/api/images")).json()).toEqual({
		images: [imageOf()],
		standing: { isLoading: false, missing: [] },
	});
	const reader = (await bench.request("/api/stream")).body?.getReader();
	const next = async () => JSON.parse(new TextDecoder().decode((await reader?.read())?.value).slice("data: ".length));
	expect(await next()).toMatchObject({ type: "snapshot", images: [{ name: "cart" }] });
	bench.changeImages([imageOf({ state: "Writing" })]);
	expect(await next()).toMatchObject({
		type: "images",
		workload: "Deployment/shop/cart",
		images: [{ state: "Writing" }],
	});
	for (const listener of bench.imageListeners) listener("");
	expect(await next()).toEqual({ type: "standing", standing: { isLoading: false, missing: [] } });
	await reader?.cancel();
	expect([bench.imageListeners.size, bench.listeners.size]).toEqual([0, 0]);
});

describe("an action", () => {
	test.each([
		[approve, `approve cart 1.1.0 ${DIGEST}`],
		[`${root}/reject?tag=1.1.0&digest=${DIGEST}`, `reject cart 1.1.0 ${DIGEST}`],
		[forget, "forget cart 1.0.9 undefined"],
	])("is done: %s", async (path, deed) => {
		expect(await answered(path)).toMatchObject({ status: 200, acted: [deed] });
	});

	test.each<[string, string, Partial<ImageLine>, number, string]>([
		["for another digest", approve.replace("aaaa", "bbbb"), {}, 409, "Another image has been chosen"],
		["without a digest", `${root}/approve?tag=1.1.0`, {}, 409, "Another image has been chosen"],
		["for another tag", approve.replace("1.1.0", "1.2.0"), {}, 409, "Another image has been chosen"],
		["when nothing waits", approve, { state: "RolledOut" as "UpToDate" }, 409, "Nothing waits for approval"],
		["on a tag that nobody remembers", `${root}/forget?tag=9`, {}, 409, "there is nothing to forget"],
		["of another container", approve.replace("/app/", "/db/"), {}, 404, "No image of container db"],
		["in another role", `${approve}&role=initContainer`, {}, 404, "No image"],
		["of another kind", forget.replace("Deployment", "Secret"), {}, 404, "No image"],
		["that there is not", `${root}/delete?tag=1`, {}, 404, "is no action"],
	])("%s is refused", async (_what, path, more, status, error) => {
		expect(await answered(path, imageOf({ failed, ...more }))).toMatchObject({
			status,
			error: expect.stringContaining(error),
			acted: [],
		});
	});

	test.each([
		["without an origin", {}, 403],
		["of another site", { Origin: "http://evil.example" }, 403],
		["of a sandboxed frame", { Origin: "null" }, 403],
		["without the token", { Origin: ORIGIN, "X-Haldane-Token": "" }, 401],
		["by a name that was rebound", { Origin: ORIGIN, Host: "evil.example" }, 421],
	])("%s is refused whatever it brings", async (_what, headers, status) => {
		for (const path of [approve, forget]) {
			const found = await answered(path, imageOf({ failed }), { method: "POST", headers });
			expect([found.status, found.acted]).toEqual([status, []]);
		}
	});

	test("that is refused by the world says why, and markup leaves as JSON", async () => {
		const markup = "<script>alert(1)</script>";
		const actOnImage = async () => {
			throw new Error(markup);
		};
		const line = imageOf({ why: markup, image: markup, approvals: { given: [markup], required: 2 } });
		const { request } = dashboardOver([], { actOnImage }, [line]);
		for (const answer of [await request(approve, post), await request("/api/images")]) {
			expect(answer.headers.get("content-type")).toMatch(/^application\/json/);
			expect(JSON.stringify(await answer.json())).toContain("<script>");
		}
	});
});

test("the list cannot be read without the token, nor by another site", async () => {
	const { request } = dashboardOver([], {}, [imageOf()]);
	expect((await request("/api/images", { headers: { "X-Haldane-Token": "" } })).status).toBe(401);
	expect((await request("/api/images", { headers: { Origin: "http://evil.example" } })).status).toBe(403);
});

describe("in the cluster", () => {
	function inCluster(may: boolean, line: ImageLine = imageOf({ failed })) {
		const wishes: Wish[] = [];
		const logged: unknown[] = [];
		const bench = dashboardOver(
			[],
			{
				door: bearerDoor({
					reviewer: {
						whose: async (token) => (token === "good" ? { username: "ada" } : undefined),
						async may(_who, wish) {
							wishes.push(wish);
							return may;
						},
					},
					hosts: [],
					readersNeedToken: false,
					namespace: undefined,
					isFilled: () => true,
					now: () => 0,
				}),
			},
			[line],
		);
		const act = (path: string, token?: string) =>
			bench.request(path, {
				method: "POST",
				headers: {
					Host: "localhost",
					Origin: "http://localhost",
					...(token ? { Authorization: `Bearer ${token}` } : {}),
				},
			});
		return { ...bench, act, wishes, logged };
	}

	test.each([
		[
			"to approve",
			approve,
			{ verb: "create", of: { group: "haldane.dev", plural: "imageapprovals" }, namespace: "shop" },
		],
		[
			"to forget what an ImagePolicy remembers",
			forget,
			{ verb: "patch", of: { group: "haldane.dev", plural: "imagepolicies" }, namespace: "shop", name: "cart-images" },
		],
	])("it takes the right %s, and is done with the visitor's own token", async (_what, path, wish) => {
		const { act, acted, wishes } = inCluster(true);
		expect((await act(path, "good")).status).toBe(200);
		expect(wishes).toEqual([wish]);
		expect(acted).toEqual([expect.stringMatching(/ for ada with good$/)]);
	});

	test("to forget what a workload remembers takes the right to patch that", async () => {
		const { act, wishes } = inCluster(true, imageOf({ failed, askedBy: { kind: "Deployment", name: "cart" } }));
		await act(forget, "good");
		expect(wishes).toEqual([
			{ verb: "patch", of: { group: "apps", plural: "deployments" }, namespace: "shop", name: "cart" },
		]);
	});

	test.each([
		["without a token", undefined, 401, "bring one of somebody"],
		["with a token that is nobody's", "bad", 401, "nobody's"],
		["without the right", "good", 403, "ada may not create imageapprovals.haldane.dev in namespace shop"],
	])("%s nothing is done", async (_what, token, status, error) => {
		const { act, acted } = inCluster(false);
		const answer = await act(approve, token);
		expect([answer.status, answer.headers.get("www-authenticate")]).toEqual([status, 'Bearer realm="haldane"']);
		expect(((await answer.json()) as { error: string }).error).toContain(error);
		expect(acted).toEqual([]);
	});
});
