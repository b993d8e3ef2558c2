import { describe, expect, test } from "vitest";
import { BODY_BYTES_MAX, READING_BYTES_MAX } from "../../../../src/server/webhooks/body.ts";
import { createMemory, createRateLimit } from "../../../../src/server/webhooks/bounded.ts";
import { type TriggerName, triggers } from "../../../../src/updater/triggers/registry.ts";
import { DIGEST, headersOf, payloads } from "../../updater/triggers/payloads.ts";
import { bench, hex, NOW, notice, SECRET } from "./bench.ts";

const names = Object.keys(triggers) as TriggerName[];
const bearer = { Authorization: `Bearer ${SECRET}` };

test.each(names)("takes what %s sends, and answers as keel does", async (name) => {
	const { post, hints, counts } = bench();
	const answer = await post(name, JSON.stringify(payloads[name]), { ...headersOf[name], ...bearer });
	expect([answer.status, await answer.text()]).toEqual([200, ""]);
	expect(hints).toMatchObject([{ from: name, hints: [{ tag: "1.2.0" }] }]);
	expect(counts).toEqual([`${name} taken`]);
	expect(answer.headers.get("Cache-Control")).toBe("no-store");
	expect(answer.headers.get("Access-Control-Allow-Origin")).toBeNull();
});

test("answers what is irrelevant, and forgets it", async () => {
	const { post, hints, counts } = bench();
	expect((await post("github", "{}", { ...bearer, "X-GitHub-Event": "ping" })).status).toBe(200);
	expect([hints, counts]).toEqual([[], ["github irrelevant"]]);
});

describe("refuses", () => {
	test.each<[string, BodyInit, string]>([
		["what is no JSON", "name=app&tag=1", "The body is not JSON"],
		["nothing", "", "The body is not JSON"],
		["what is no text", new Uint8Array([0x22, 0xff, 0x22]), "The body is not JSON"],
		["a missing field, by its name", '{"name":"acme/app"}', "tag: Invalid input: expected string"],
		["a tag that is none", '{"name":"acme/app","tag":"a b"}', "the tag is not one"],
		["JSON that is deep", `${"[".repeat(50_000)}${"]".repeat(50_000)}`, "the body: "],
	])("%s", async (_what, body, error) => {
		const { post, hints, counts } = bench();
		const answer = await post("native", body, bearer);
		expect([answer.status, await answer.json()]).toEqual([400, { error: expect.stringContaining(error) }]);
		expect([hints, counts]).toEqual([[], ["native malformed"]]);
	});

	test.each(["nobody", "toString", "__proto__", "Native"])("trigger %s, and lists those there are", async (name) => {
		const { post, counts } = bench();
		const answer = await post(name, notice("1"), bearer);
		expect([answer.status, await answer.json()]).toEqual([
			404,
			{ error: `There is no such trigger; take one of ${names.join(", ")}` },
		]);
		expect(counts).toEqual(["unknown unknown"]);
	});

	test("other paths", async () => {
		const { app } = bench();
		for (const path of ["/", "/metrics", "/v1/webhooks", "/v1/webhooks/native/a/b"]) {
			expect((await app.request(path, { method: "POST" })).status).toBe(404);
		}
	});

	test.each(["%zz", "native/%zz", "%00", "native%2Fx"])("path %s that is odd", async (path) => {
		const { post, lines } = bench();
		const answer = await post(path, notice("1"));
		expect([401, 404]).toContain(answer.status);
		expect(lines.join()).not.toContain("could not be answered");
	});

	test("what is no POST", async () => {
		const { app } = bench();
		const answer = await app.request("/v1/webhooks/native");
		expect([answer.status, answer.headers.get("Allow")]).toEqual([405, "POST"]);
	});

	test("everything while another replica leads", async () => {
		const { signed, hints } = bench({ isLeading: () => false });
		const answer = await signed(notice("1"));
		expect([answer.status, answer.headers.get("Retry-After"), hints]).toEqual([503, "5", []]);
	});

	test("what the queue has no room for, and takes it the next time", async () => {
		const answers = ["full" as const, undefined];
		const { signed, counts } = bench({ hint: () => answers.shift() });
		const answer = await signed(notice("1"));
		expect([answer.status, answer.headers.get("Retry-After")]).toEqual([429, "5"]);
		expect((await signed(notice("1"))).status).toBe(200);
		expect(counts).toEqual(["native full", "native taken"]);
	});

	test("a bug with a sentence that says nothing of it", async () => {
		const { signed, lines } = bench({
			hint: () => {
				throw new Error("out of order");
			},
		});
		const answer = await signed(notice("1"));
		expect([answer.status, await answer.text()]).toEqual([500, expect.not.stringContaining("out of order")]);
		expect(lines).toEqual([expect.stringContaining("out of order")]);
	});
});

describe("bodies", () => {
	/** Chunks of 64 KiB, and how many were asked for. */
	function endless() {
		const seen = { chunks: 0 };
		const stream = new ReadableStream<Uint8Array>({
			pull(controller) {
				seen.chunks += 1;
				controller.enqueue(new Uint8Array(64 * 1024));
			},
		});
		return { stream, seen };
	}
	const streamed = (app: ReturnType<typeof bench>["app"], body: ReadableStream) =>
		app.request("/v1/webhooks/native", { method: "POST", body, headers: bearer, duplex: "half" } as RequestInit);

	test("are read up to the limit", async () => {
		const { post } = bench();
		const long = (bytes: number) => notice("1").padEnd(bytes, " ");
		expect((await post("native", long(BODY_BYTES_MAX), bearer)).status).toBe(200);
		expect((await post("native", long(BODY_BYTES_MAX + 1), bearer)).status).toBe(413);
	});

	test("are not read at all when they say that they are too long", async () => {
		const { app } = bench();
		const { stream, seen } = endless();
		const headers = { "Content-Length": String(50 * BODY_BYTES_MAX) };
		const answer = await app.request("/v1/webhooks/native", {
			method: "POST",
			body: stream,
			headers,
			duplex: "half",
		} as RequestInit);
		expect([answer.status, seen.chunks]).toEqual([413, expect.toSatisfy((chunks: number) => chunks <= 1)]);
	});

	test("that have no end are read to the limit and no further", async () => {
		const { app } = bench();
		const { stream, seen } = endless();
		const answer = await streamed(app, stream);
		expect([answer.status, seen.chunks]).toEqual([413, expect.toSatisfy((chunks: number) => chunks <= 19)]);
	});

	test("that end too early are refused", async () => {
		const { app, counts } = bench();
		const broken = new ReadableStream({ pull: (controller) => controller.error(new Error("gone")) });
		expect([(await streamed(app, broken)).status, counts]).toEqual([400, ["native broken"]]);
	});

	test("take no more memory together than there is for them", async () => {
		const { app, post } = bench();
		const ends: (() => void)[] = [];
		const held = Array.from({ length: READING_BYTES_MAX / BODY_BYTES_MAX }, () => {
			const stream = new ReadableStream<Uint8Array>({
				start(controller) {
					controller.enqueue(new Uint8Array(BODY_BYTES_MAX));
					ends.push(() => controller.close());
				},
			});
			return streamed(app, stream);
		});
		// Chunks are read in turns of their own, so that the last of them is there only some turns later.
		for (let turn = 0; turn < 100; turn += 1) await Promise.resolve();
		const answer = await post("native", notice("1"), bearer);
		expect([answer.status, answer.headers.get("Retry-After")]).toEqual([429, "1"]);
		for (const end of ends) end();
		await Promise.all(held);
		expect((await post("native", notice("1"), bearer)).status).toBe(200);
	});
});

describe("what came before is answered and forgotten", () => {
	const timedHeaders = (time: number) => ({ ...bearer, "X-Haldane-Timestamp": String(time) });

	test.each<[string, string, Readonly<Record<string, string>>, number, number]>([
		["a body at once", notice("1"), bearer, 9, 1],
		["but the same tag may be pushed again soon", notice("1"), bearer, 10, 2],
		["a body with its digest for ten minutes", notice("1", DIGEST), bearer, 600, 1],
		["and no longer", notice("1", DIGEST), bearer, 601, 2],
		["a delivery by its name", notice("1"), { ...bearer, "X-GitHub-Delivery": "72d3162e" }, 600, 1],
		["Gitea's too", notice("1"), { ...bearer, "X-Gitea-Delivery": "72d3162e" }, 600, 1],
	])("%s", async (_what, body, headers, seconds, taken) => {
		const { post, clock, hints } = bench();
		expect((await post("native", body, headers)).status).toBe(200);
		clock.seconds += seconds;
		expect((await post("native", body, headers)).status).toBe(200);
		expect(hints.length).toBe(taken);
	});

	test("what was signed with a time, until its time is over", async () => {
		const { post, clock, hints } = bench();
		const time = NOW + 300;
		const signature = hex(`${time}.${notice("1")}`);
		const headers = { "X-Haldane-Timestamp": String(time), "X-Hub-Signature-256": `sha256=${signature}` };
		const answers = [];
		for (const seconds of [NOW, NOW + 599, NOW + 600, NOW + 601]) {
			clock.seconds = seconds;
			answers.push((await post("native", notice("1"), headers)).status);
		}
		expect([answers, hints.length]).toEqual([[200, 200, 200, 401], 1]);
	});

	test("another body, another trigger and another time are not the same", async () => {
		const { post, hints } = bench();
		await post("native", notice("1"), bearer);
		await post("native", notice("2"), bearer);
		await post("native", notice("1"), timedHeaders(NOW));
		await post("gitlab", JSON.stringify(payloads.registry), bearer);
		await post("registry", JSON.stringify(payloads.registry), bearer);
		expect(hints.length).toBe(5);
	});
});

describe("rates", () => {
	test("one address has a hundred at once, and ten each second", async () => {
		const { post, clock } = bench();
		const burst = async (from: string) => {
			const statuses: number[] = [];
			for (let count = 0; count < 120; count += 1)
				statuses.push((await post("native", notice("1"), bearer, from)).status);
			return statuses.filter((status) => status === 200).length;
		};
		expect(await burst("192.0.2.1")).toBe(100);
		expect(await burst("192.0.2.2")).toBe(100);
		clock.seconds += 2;
		expect(await burst("192.0.2.1")).toBe(20);
		const answer = await post("native", notice("1"), bearer, "192.0.2.1");
		expect([answer.status, answer.headers.get("Retry-After")]).toEqual([429, "1"]);
	});

	test("all together have five hundred, and those who prove nothing take none of it", async () => {
		const { post } = bench();
		const statuses: number[] = [];
		const ask = async (headers: Readonly<Record<string, string>>) => {
			for (let count = 0; count < 550; count += 1) {
				statuses.push((await post("native", notice("1"), headers, `192.0.2.${Math.floor(count / 50)}`)).status);
			}
		};
		await ask({});
		await ask(bearer);
		const many = Map.groupBy(statuses, (status) => status);
		expect([...many].map(([status, all]) => [status, all.length])).toEqual([
			[401, 550],
			[200, 500],
			[429, 50],
		]);
	});

	test("the log is not flooded by those who prove nothing", async () => {
		const { post, lines } = bench();
		for (let count = 0; count < 90; count += 1) await post("native", notice("1"));
		expect(lines.length).toBe(5);
	});

	test("the table of addresses is bounded, and forgets who was quiet longest", () => {
		const wait = createRateLimit({ perSecond: 1, burst: 1 }, 2);
		expect([wait("a", 0), wait("b", 0), wait("a", 0)]).toEqual([0, 0, 1_000]);
		expect([wait("c", 0), wait("a", 0), wait("b", 0)]).toEqual([0, 1_000, 0]);
	});

	test("a clock that goes back gives nothing, and takes nothing", () => {
		const wait = createRateLimit({ perSecond: 1, burst: 2 }, 2);
		expect([wait("a", 5_000), wait("a", 0), wait("a", 0), wait("a", 1_000)]).toEqual([0, 0, 1_000, 0]);
	});

	test("what is remembered is bounded", () => {
		const memory = createMemory(2);
		for (const key of ["a", "b", "c"]) memory.add(key, 10);
		expect(["a", "b", "c"].map((key) => memory.has(key, 9))).toEqual([false, true, true]);
		expect(memory.has("c", 10)).toBe(false);
	});
});
