import { describe, expect, test } from "vitest";
import { type BearerDoorOptions, bearerDoor, type Identity } from "../../../../src/server/dashboard/bearer-door.ts";
import { CANARIES, type Wish } from "../../../../src/server/dashboard/door.ts";
import { canaryOf, dashboardOver } from "./bench.ts";

const HOST = "localhost:9000";
const ORIGIN = `http://${HOST}`;
const path = "/api/canaries/shop/cart/actions/pause";
const ada: Identity = { username: "ada", uid: "7", groups: ["team"], extra: { scope: ["x"] } };

/** The dashboard behind a door whose reviewer knows ada by `good`; all that it is asked is written down. */
function behindBearerDoor(
	more: Partial<BearerDoorOptions> & { readonly may?: (who: Identity, wish: Wish) => boolean } = {},
) {
	const asked: string[] = [];
	const wishes: [Identity, Wish][] = [];
	const clock = { now: 0 };
	const { may = () => true, ...options } = more;
	const bench = dashboardOver([canaryOf("cart", { status: {} })], {
		door: bearerDoor({
			reviewer: {
				async whose(token) {
					asked.push(token);
					return token === "good" ? ada : undefined;
				},
				async may(who, wish) {
					wishes.push([who, wish]);
					return may(who, wish);
				},
			},
			hosts: ["haldane.example"],
			readersNeedToken: false,
			namespace: undefined,
			isFilled: () => true,
			now: () => clock.now,
			...options,
		}),
	});
	const request = (to: string, headers: Record<string, string> = {}, method = "GET", address?: string) =>
		bench.request(to, { method, address, headers: { Host: HOST, ...headers } });
	return {
		...bench,
		asked,
		wishes,
		clock,
		request,
		act: (token?: string, headers: Record<string, string> = {}, address?: string) =>
			request(
				path,
				{ Origin: ORIGIN, ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }), ...headers },
				"POST",
				address,
			),
	};
}

async function errorIn(answer: Response): Promise<string> {
	return ((await answer.json()) as { readonly error: string }).error;
}

describe("an action", () => {
	test("of somebody who may is done in their name", async () => {
		const { act, acted, wishes } = behindBearerDoor();
		expect((await act("good")).status).toBe(200);
		expect(wishes).toEqual([[ada, { verb: "patch", of: CANARIES, namespace: "shop", name: "cart" }]]);
		expect(acted).toEqual(["pause shop/cart for ada"]);
	});

	test.each([
		["without a token", {}],
		["with another kind of authorization", { Authorization: "Basic Z29vZDpnb29k" }],
		["with a token that no header holds", { Authorization: "Bearer go od" }],
		["with nothing where the token belongs", { Authorization: "Bearer " }],
	])("%s asks for one, and nothing of the API server", async (_what, headers) => {
		const { act, acted, asked } = behindBearerDoor();
		const answer = await act(undefined, headers);
		expect(answer.status).toBe(401);
		expect(answer.headers.get("www-authenticate")).toBe('Bearer realm="haldane"');
		expect(await errorIn(answer)).toContain("bring one of somebody who may do this");
		expect([acted, asked]).toEqual([[], []]);
	});

	test("with a token that is nobody's is refused", async () => {
		const { act, acted, wishes } = behindBearerDoor();
		const answer = await act("bad");
		expect(answer.status).toBe(401);
		expect(answer.headers.get("www-authenticate")).toBe('Bearer realm="haldane"');
		expect([acted, wishes]).toEqual([[], []]);
	});

	test("of somebody who may not is refused, and says who may not do what", async () => {
		const { act, acted } = behindBearerDoor({ may: () => false });
		const answer = await act("good");
		expect(answer.status).toBe(403);
		expect(await errorIn(answer)).toMatch(
			/^ada may not patch canaries\.haldane\.dev cart in namespace shop; ask for a role/,
		);
		expect(acted).toEqual([]);
	});

	test("on a Canary that is not there is refused after the visitor was let in", async () => {
		const { request, acted } = behindBearerDoor();
		const nobody = "/api/canaries/shop/nobody/actions/pause";
		const headers = { Origin: ORIGIN, Authorization: "Bearer good" };
		expect((await request(nobody, { Origin: ORIGIN }, "POST")).status).toBe(401);
		expect((await request(nobody, headers, "POST")).status).toBe(404);
		expect(acted).toEqual([]);
	});

	test.each([
		["of another site", { Origin: "http://evil.example" }, 403],
		["of a sandboxed frame", { Origin: "null" }, 403],
		["of another name of ours", { Origin: "http://haldane.example" }, 403],
		["by a name that was rebound", { Host: "evil.example", Origin: "http://evil.example" }, 421],
	])("%s is refused whatever it brings", async (_what, headers, status) => {
		const { act, acted, asked } = behindBearerDoor();
		expect((await act("good", headers)).status).toBe(status);
		expect([acted, asked]).toEqual([[], []]);
	});

	test("is refused by its own sentence while the API server cannot be asked", async () => {
		const { act, acted } = behindBearerDoor({
			reviewer: {
				whose: async () => {
					throw new Error("The API server cannot be asked");
				},
				may: async () => true,
			},
		});
		// As often as one likes: that is nobody's fault.
		for (let time = 0; time < 20; time += 1) {
			const answer = await act("good");
			expect([answer.status, await errorIn(answer)]).toEqual([503, "The API server cannot be asked"]);
		}
		expect(acted).toEqual([]);
	});
});

test("whom the API server could not tell about is asked about again", async () => {
	const broken = new Set(["whose", "may"]);
	const wait = (what: string) => {
		if (broken.delete(what)) throw new Error(`${what} cannot be asked`);
	};
	const { request } = behindBearerDoor({
		readersNeedToken: true,
		reviewer: {
			async whose() {
				wait("whose");
				return ada;
			},
			async may() {
				wait("may");
				return true;
			},
		},
	});
	const read = () => request("/api/canaries", { Authorization: "Bearer good" });
	expect(await errorIn(await read())).toBe("whose cannot be asked");
	expect(await errorIn(await read())).toBe("may cannot be asked");
	expect((await read()).status).toBe(200);
});

describe("what is known of a token", () => {
	test("is kept for half a minute, and what its owner may do is not", async () => {
		const { act, asked, wishes, clock } = behindBearerDoor();
		await act("good");
		clock.now = 29_999;
		await act("good");
		expect([asked.length, wishes.length]).toEqual([1, 2]);
		clock.now = 30_000;
		await act("good");
		expect([asked.length, wishes.length]).toEqual([2, 3]);
	});

	test("does not grow without end", async () => {
		const asked: string[] = [];
		const { act } = behindBearerDoor({
			reviewer: {
				async whose(token) {
					asked.push(token);
					return ada;
				},
				may: async () => true,
			},
		});
		await act("good");
		for (let token = 0; token < 256; token += 1) await act(`other-${token}`);
		await act("good");
		expect(asked.filter((token) => token === "good")).toHaveLength(2);
		await act("other-255");
		expect(asked.filter((token) => token === "other-255")).toHaveLength(1);
	});

	test("is asked for once when many ask at once", async () => {
		const { act, asked } = behindBearerDoor();
		await Promise.all(Array.from({ length: 5 }, () => act("good")));
		expect(asked).toEqual(["good"]);
	});
});

describe("guesses", () => {
	test("are cut off after ten in a minute, while those who are known go on", async () => {
		const { act, asked, clock } = behindBearerDoor();
		await act("good");
		for (let guess = 0; guess < 10; guess += 1) expect((await act(`guess-${guess}`)).status).toBe(401);
		const answer = await act("guess-10");
		expect(answer.status).toBe(429);
		expect(asked).not.toContain("guess-10");
		expect((await act("good")).status).toBe(200);
		expect((await act("guess-10", {}, "10.0.0.2")).status).toBe(401);
		clock.now = 60_000;
		expect((await act("guess-10")).status).toBe(401);
	});

	test("from many addresses wait for each other", async () => {
		const held = Promise.withResolvers<undefined>();
		let reviews = 0;
		const { act } = behindBearerDoor({
			reviewer: {
				whose() {
					reviews += 1;
					return held.promise;
				},
				may: async () => true,
			},
		});
		const answers = Array.from({ length: 20 }, (_, guess) => act(`guess-${guess}`, {}, `10.0.0.${guess}`));
		const refused = await Promise.all(answers.slice(16));
		expect(refused.map(({ status }) => status)).toEqual([503, 503, 503, 503]);
		expect(reviews).toBe(16);
		held.resolve(undefined);
		expect(new Set((await Promise.all(answers.slice(0, 16))).map(({ status }) => status))).toEqual(new Set([401]));
	});

	test("are cut off while they are still being asked about", async () => {
		let answerAll = () => {};
		const held = new Promise<void>((resolve) => {
			answerAll = resolve;
		});
		let reviews = 0;
		const { act } = behindBearerDoor({
			reviewer: {
				whose: async () => {
					reviews += 1;
					await held;
					return undefined;
				},
				may: async () => true,
			},
		});
		const answers = Array.from({ length: 40 }, (_, guess) => act(`guess-${guess}`));
		const refused = answers.slice(10);
		expect(new Set((await Promise.all(refused)).map(({ status }) => status))).toEqual(new Set([429]));
		expect(reviews).toBe(10);
		answerAll();
		expect(new Set((await Promise.all(answers.slice(0, 10))).map(({ status }) => status))).toEqual(new Set([401]));
	});
});

describe("names of ours", () => {
	test.each(["localhost", "LOCALHOST:1", "127.0.0.1:8090", "[::1]:9000", "haldane.example", "Haldane.Example:443"])(
		"%s is one",
		async (host) => {
			expect((await behindBearerDoor().request("/", { Host: host })).status).toBe(200);
		},
	);

	test.each([
		"evil.example",
		"haldane.example.evil.example",
		"localhost.evil.example:80",
		"10.0.0.1:8090",
		"[::2]:1",
		"haldane.example:80:80",
		"haldane.example.",
	])("%s is none", async (host) => {
		const answer = await behindBearerDoor().request("/", { Host: host });
		expect(answer.status).toBe(421);
		expect(await errorIn(answer)).toContain("--dashboard-hosts");
	});

	test("serve pages behind TLS too", async () => {
		const { act } = behindBearerDoor();
		expect((await act("good", { Host: "haldane.example", Origin: "https://haldane.example" })).status).toBe(200);
	});
});

describe("reading", () => {
	const reads = ["/api/canaries", "/api/stream", "/api/canaries/shop/cart", "/api/metrics/shop/cart"];

	test.each(reads)("%s needs no token, and asks nothing of the API server", async (read) => {
		const { request, asked } = behindBearerDoor();
		const answer = await request(read);
		expect(answer.status).toBe(200);
		await answer.body?.cancel();
		expect(asked).toEqual([]);
	});

	test.each(reads)("%s is refused to another site's page", async (read) => {
		expect((await behindBearerDoor().request(read, { Origin: "http://evil.example" })).status).toBe(403);
	});

	test.each(reads)("%s has to wait until there is something to read", async (read) => {
		const answer = await behindBearerDoor({ isFilled: () => false }).request(read);
		expect([answer.status, await errorIn(answer)]).toEqual([503, expect.stringContaining("try again in a moment")]);
	});

	test.each(reads)("%s needs a token of somebody who may list, where that is asked for", async (read) => {
		const { request, wishes } = behindBearerDoor({ readersNeedToken: true, namespace: "shop" });
		expect((await request("/")).status).toBe(200);
		const none = await request(read);
		expect([none.status, none.headers.get("www-authenticate")]).toEqual([401, 'Bearer realm="haldane"']);
		expect((await request(read, { Authorization: "Bearer bad" })).status).toBe(401);
		const fine = await request(read, { Authorization: "Bearer good" });
		expect(fine.status).toBe(200);
		await fine.body?.cancel();
		expect(wishes).toEqual([[ada, { verb: "list", of: CANARIES, namespace: "shop" }]]);
		const { request: other } = behindBearerDoor({ readersNeedToken: true, may: () => false });
		const denied = await other(read, { Authorization: "Bearer good" });
		expect([denied.status, await errorIn(denied)]).toEqual([
			403,
			expect.stringContaining("ada may not list canaries.haldane.dev in all namespaces"),
		]);
	});

	test("ends for a page that stays open when the right is taken back", async () => {
		const rights = { isAllowed: true };
		const { request, ticking, clock } = behindBearerDoor({ readersNeedToken: true, may: () => rights.isAllowed });
		const reader = (await request("/api/stream", { Authorization: "Bearer good" })).body?.getReader();
		await reader?.read();
		clock.now += 60_000;
		for (const tick of ticking) tick();
		expect((await reader?.read())?.done).toBe(false);
		rights.isAllowed = false;
		clock.now += 60_000;
		for (const tick of ticking) tick();
		for (;;) if ((await reader?.read())?.done !== false) break;
		expect(ticking.size).toBe(0);
	});
});
