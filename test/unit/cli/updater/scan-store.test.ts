import { describe, expect, test } from "vitest";
import { createScanStore } from "../../../../src/cli/updater/scan-store.ts";
import type { KubeObject } from "../../../../src/domain/kube-object.ts";
import { ApiError, ForbiddenError } from "../../../../src/kube/errors.ts";
import { FakeClock } from "../../../support/fake-clock.ts";

const START = Date.UTC(2027, 0, 4, 10);
const MINUTE = 60_000;
const [ONE, OTHER] = ["0123456789abcdef", "fedcba9876543210"];

/** A store over one ConfigMap, and what it is told to keep. */
function bench(data?: unknown) {
	const clock = new FakeClock(START);
	const requests: string[] = [];
	const logged: { readonly fields: object; readonly message: string }[] = [];
	const api = { data, failure: undefined as Error | undefined, hangs: false };
	const missing = () => new ApiError("there is none", { status: 404, reason: "NotFound" });
	const answered = async <T>(what: string, signal: AbortSignal | undefined, answer: () => T): Promise<T> => {
		requests.push(what);
		if (api.hangs)
			return new Promise((_resolve, reject) => signal?.addEventListener("abort", () => reject(new Error("aborted"))));
		if (api.failure !== undefined) throw api.failure;
		return answer();
	};
	const write = (object: KubeObject) => {
		api.data = object.data;
		return object;
	};
	let loaded: ReadonlyMap<string, number> | undefined;
	const scans = new Map<string, number>();
	const state = { isNeeded: true };
	const freshness = {
		load: (found: ReadonlyMap<string, number>) => {
			loaded = found;
		},
		isNeeded: () => state.isNeeded,
		snapshot: () => new Map(scans),
	};
	const store = createScanStore(
		{
			client: {
				get: (ref, { signal } = {}) =>
					answered("get", signal, () => {
						if (api.data === undefined) throw missing();
						return { apiVersion: "v1", kind: "ConfigMap", metadata: { name: ref.name }, data: api.data };
					}),
				replace: (object, { signal } = {}) =>
					answered("replace", signal, () => {
						if (api.data === undefined) throw missing();
						return write(object);
					}),
				create: (object, { signal } = {}) => answered("create", signal, () => write(object)),
			},
			freshness,
			timers: clock,
			log: {
				debug() {},
				info() {},
				warn: (fields, message) => void logged.push({ fields, message }),
				error() {},
			},
		},
		"haldane-system",
	);
	const load = () => store.load(new AbortController().signal);
	return { clock, requests, logged, api, scans, state, store, load, loaded: () => loaded };
}

describe("what was kept", () => {
	test("is handed on", async () => {
		const { load, loaded, logged } = bench({ [ONE]: "2027-01-04T09:00:00.000Z" });
		await load();
		expect(loaded()).toEqual(new Map([[ONE, START - 60 * MINUTE]]));
		expect(logged).toEqual([]);
	});

	test.each<[string, unknown]>([
		["another's name", { readme: "2027-01-04T09:00:00.000Z" }],
		["no time", { [ONE]: "yesterday" }],
		["a time that we write otherwise", { [ONE]: "2027-01-04" }],
		["no text", { [ONE]: 7 }],
		["no table", "text"],
	])("is nothing if it holds %s: that is said once, and written over", async (_what, data) => {
		const { load, loaded, logged, scans, store, api } = bench(data);
		await load();
		expect(loaded()).toEqual(new Map());
		expect(logged.map(({ message }) => message)).toEqual([expect.stringContaining("cannot be read")]);
		scans.set(OTHER, START);
		await store.close();
		expect(api.data).toEqual({ [OTHER]: "2027-01-04T10:00:00.000Z" });
		expect(logged).toHaveLength(1);
	});

	test("is not waited for longer than two seconds", async () => {
		const { clock, api, load, logged } = bench();
		api.hangs = true;
		await clock.settle(load());
		expect([clock.elapsed(), logged.length]).toEqual([2_000, 1]);
	});

	test("is of no interest once the term is over, and nobody complains", async () => {
		const { clock, api, store, logged } = bench();
		api.hangs = true;
		const term = new AbortController();
		const loading = store.load(term.signal);
		term.abort();
		await loading;
		expect([clock.elapsed(), clock.pending, logged.length]).toEqual([0, 0, 0]);
	});
});

describe("what is kept", () => {
	test("is written ten minutes after a look, once for all of them", async () => {
		const { clock, load, scans, store, requests, api } = bench();
		await load();
		for (let minute = 0; minute < 10; minute += 1) {
			scans.set(ONE, clock.now());
			store.looked();
			await clock.advance(MINUTE);
		}
		expect(requests).toEqual(["get", "replace", "create"]);
		expect(api.data).toEqual({ [ONE]: "2027-01-04T10:09:00.000Z" });
		expect(clock.pending).toBe(0);
	});

	test("is written at the end, if it is anything new", async () => {
		const { clock, load, scans, store, requests } = bench({ [ONE]: "2027-01-04T09:00:00.000Z" });
		await load();
		scans.set(ONE, START);
		await store.close();
		expect(requests).toEqual(["get", "replace"]);
		store.looked();
		expect(clock.pending).toBe(0);
	});

	test("is not written when it is what is there already", async () => {
		const { clock, load, scans, store, requests } = bench({ [ONE]: "2027-01-04T09:00:00.000Z" });
		await load();
		scans.set(ONE, START - 60 * MINUTE);
		store.looked();
		await clock.advance(10 * MINUTE);
		await store.close();
		expect(requests).toEqual(["get"]);
	});

	test("is written at the end alone, and no timer is set, while nothing slow is looked after", async () => {
		const { clock, load, scans, state, store, requests } = bench();
		state.isNeeded = false;
		await load();
		scans.set(ONE, START);
		for (let look = 0; look < 1_000; look += 1) store.looked();
		expect(clock.pending).toBe(0);
		await clock.advance(60 * MINUTE);
		expect(requests).toEqual(["get"]);
		await store.close();
		expect(requests).toEqual(["get", "replace", "create"]);
	});

	test("is nothing to write where nothing was looked at", async () => {
		const { load, store, requests } = bench();
		await load();
		await store.close();
		expect(requests).toEqual(["get"]);
	});

	test("is given up after two seconds, also when the last write hangs still", async () => {
		const { clock, api, load, scans, store, requests } = bench({});
		await load();
		api.hangs = true;
		scans.set(ONE, START);
		store.looked();
		await clock.advance(10 * MINUTE);
		const before = clock.elapsed();
		await clock.settle(store.close());
		expect([requests, clock.elapsed() - before, clock.pending]).toEqual([["get", "replace", "replace"], 2_000, 0]);
	});

	test("is tried again ten minutes after a failure, which is said", async () => {
		const { clock, api, load, scans, store, logged } = bench({});
		await load();
		api.failure = new ApiError("the server is down", { status: 503, reason: "Down" });
		scans.set(ONE, START);
		store.looked();
		await clock.advance(10 * MINUTE);
		expect(logged).toHaveLength(1);
		api.failure = undefined;
		store.looked();
		await clock.advance(10 * MINUTE);
		expect(api.data).toEqual({ [ONE]: "2027-01-04T10:00:00.000Z" });
	});

	test.each(["to read", "to write"])(
		"is nothing without the right %s: that is said once, with the mend",
		async (right) => {
			const { clock, api, load, scans, store, requests, logged } = bench({});
			const refusal = new ForbiddenError("not allowed", { status: 403, reason: "Forbidden" });
			if (right === "to read") api.failure = refusal;
			await load();
			api.failure = refusal;
			for (let minutes = 0; minutes < 60; minutes += 10) {
				scans.set(ONE, clock.now());
				store.looked();
				await clock.advance(10 * MINUTE);
			}
			await store.close();
			expect(requests).toEqual(right === "to read" ? ["get"] : ["get", "replace"]);
			expect(logged.map(({ fields }) => fields)).toEqual([
				expect.objectContaining({ mend: expect.stringContaining("deploy/updater") }),
			]);
		},
	);
});
