import { describe, expect, test } from "vitest";
import { silentLog } from "../../../src/domain/log.ts";
import { ResourceCache } from "../../../src/kube/cache.ts";
import { createKubeClient } from "../../../src/kube/client.ts";
import type { Clock } from "../../../src/kube/clock.ts";
import { apiError } from "../../../src/kube/errors.ts";
import { resources } from "../../../src/kube/resources.ts";
import type { Exchange, Transport } from "../../../src/kube/transport.ts";

const secrets = { ...resources.secrets, metadataOnly: true };
const forbidden = () => apiError("secrets", 403, '{"reason":"Forbidden","message":"no"}', undefined);

/** A transport that notes what is asked, and answers lists and watches as it is told. */
function transportThat(answers: {
	readonly json?: () => unknown;
	readonly lines?: () => Iterable<string> | AsyncIterable<string>;
}): Transport & { readonly asked: Exchange[] } {
	const asked: Exchange[] = [];
	return {
		asked,
		json: async (exchange) => {
			asked.push(exchange);
			return answers.json?.() ?? { items: [], metadata: { resourceVersion: "1" } };
		},
		async *lines(exchange) {
			asked.push(exchange);
			yield* answers.lines?.() ?? [];
		},
	};
}

describe("what only metadata is asked of", () => {
	test.each([
		["is asked for nothing else", secrets, "application/json;as=PartialObjectMetadata"],
		["is asked for whole otherwise", resources.deployments, undefined],
	])("%s, by list and by watch", async (_claim, resource, start) => {
		const transport = transportThat({});
		const client = createKubeClient(transport, () => 0);
		await client.list(resource);
		for await (const _line of client.watch(resource, { resourceVersion: "1", timeoutSeconds: 1 }));
		expect(transport.asked.map(({ accept }) => accept)).toEqual(
			start === undefined ? [undefined, undefined] : [`${start}List;g=meta.k8s.io;v=v1`, `${start};g=meta.k8s.io;v=v1`],
		);
	});

	test("is read whole when one object is opened", async () => {
		const transport = transportThat({ json: () => ({}) });
		await createKubeClient(transport, () => 0).get({
			apiVersion: "v1",
			kind: "Secret",
			namespace: "shop",
			name: "key",
		});
		expect(transport.asked.map(({ accept }) => accept)).toEqual([undefined]);
	});

	test("is remembered by its name and version: no value stays, not even in an annotation", async () => {
		const metadata = { name: "key", namespace: "shop", uid: "1", resourceVersion: "7" };
		const loud = { ...metadata, annotations: { last: "hush" }, labels: { a: "hush" }, managedFields: ["hush"] };
		const item = { metadata: loud, data: { token: "hush" } };
		const line = { type: "ADDED", object: { ...item, metadata: { ...loud, name: "late", uid: "2" } } };
		const stopping = new AbortController();
		const cache = cacheOf(
			transportThat({
				json: () => ({ items: [item], metadata: { resourceVersion: "7" } }),
				async *lines() {
					yield JSON.stringify(line);
					stopping.abort();
				},
			}),
		);
		await cache.run(stopping.signal);
		expect(cache.list()).toEqual([
			{ apiVersion: "v1", kind: "Secret", metadata },
			{ apiVersion: "v1", kind: "Secret", metadata: { ...metadata, name: "late", uid: "2" } },
		]);
	});
});

/** A clock that passes the time as soon as somebody sleeps, and notes how long. */
function hastyClock(): Clock & { readonly sleptMs: number[] } {
	const sleptMs: number[] = [];
	return {
		sleptMs,
		now: () => 0,
		elapsed: () => sleptMs.reduce((sum, ms) => sum + ms, 0),
		after(delayMs, call) {
			sleptMs.push(delayMs);
			queueMicrotask(call);
			return () => {};
		},
	};
}

function cacheOf(transport: Transport, onAccess?: (mayRead: boolean) => void, clock: Clock = hastyClock()) {
	return new ResourceCache({
		client: createKubeClient(transport, () => 0),
		resource: secrets,
		clock,
		random: () => 1,
		log: silentLog,
		...(onAccess === undefined ? {} : { onAccess }),
	});
}

describe("what may not be read", () => {
	test("does not keep a cache from being ready, is told once, and told when it may be read after all", async () => {
		const told: boolean[] = [];
		const stopping = new AbortController();
		let attempts = 0;
		const clock = hastyClock();
		const cache = cacheOf(
			transportThat({
				json: () => {
					attempts += 1;
					if (attempts <= 6) throw forbidden();
					expect(cache.mayRead).toBe(false);
					return undefined;
				},
				async *lines() {
					expect(cache.mayRead).toBe(false);
					yield JSON.stringify({ type: "BOOKMARK", object: { metadata: { resourceVersion: "2" } } });
					stopping.abort();
				},
			}),
			(mayRead) => told.push(mayRead),
			clock,
		);
		await Promise.all([cache.run(stopping.signal), cache.synced]);
		expect(told).toEqual([false, true]);
		expect(cache.mayRead).toBe(true);
		expect(clock.sleptMs.filter((ms) => ms >= 60_000)).toEqual([60_000, 60_000, 60_000]);
	});

	test("is not given up for a server that has only just started", async () => {
		const told: boolean[] = [];
		const stopping = new AbortController();
		let attempts = 0;
		const cache = cacheOf(
			transportThat({
				json: () => {
					attempts += 1;
					if (attempts <= 3) throw forbidden();
					return undefined;
				},
				lines: () => {
					stopping.abort();
					return [];
				},
			}),
			(mayRead) => told.push(mayRead),
		);
		await cache.run(stopping.signal);
		expect({ told, attempts }).toEqual({ told: [], attempts: 4 });
	});

	test("is read no more when only watching is forbidden", async () => {
		const told: boolean[] = [];
		const stopping = new AbortController();
		let watches = 0;
		const cache = cacheOf(
			transportThat({
				lines: () => {
					watches += 1;
					if (watches === 12) stopping.abort();
					throw forbidden();
				},
			}),
			(mayRead) => told.push(mayRead),
		);
		await cache.run(stopping.signal);
		expect(told).toEqual([false]);
	});

	test("is waited for where it cannot be done without", async () => {
		const stopping = new AbortController();
		let attempts = 0;
		const cache = cacheOf(
			transportThat({
				json: () => {
					attempts += 1;
					if (attempts === 20) stopping.abort();
					throw forbidden();
				},
			}),
		);
		await cache.run(stopping.signal);
		expect({ ready: cache.isSynced, mayRead: cache.mayRead }).toEqual({ ready: false, mayRead: true });
	});
});
