import { expect, test } from "vitest";
import { createFeed } from "../../../../src/cli/dashboard/feed.ts";
import { type KubeObject, keyOf } from "../../../../src/domain/kube-object.ts";
import type { Change } from "../../../../src/kube/store.ts";

const canary = (name: string, weight = 0): KubeObject => ({
	apiVersion: "v1",
	kind: "Canary",
	metadata: { name, namespace: "shop" },
	weight,
});

function cacheOf(...objects: readonly KubeObject[]) {
	const known = new Map(objects.map((object) => [keyOf(object.metadata), object]));
	const listeners: ((change: Change) => void)[] = [];
	return {
		isSynced: true,
		list: () => [...known.values()],
		get: (key: string) => known.get(key),
		subscribe: (listener: (change: Change) => void) => void listeners.push(listener),
		change(object: KubeObject) {
			const key = keyOf(object.metadata);
			for (const listener of listeners) listener({ key, before: known.get(key), after: object });
		},
	};
}

function followed() {
	const feed = createFeed();
	const told: (readonly [string, KubeObject | undefined])[] = [];
	const stop = feed.canaries.subscribe((key, object) => told.push([key, object]));
	return { feed, told, stop };
}

test("knows nothing before it has a cache, and is not filled before that is", () => {
	const { feed } = followed();
	expect([feed.isFilled(), feed.canaries.list(), feed.canaries.get("shop/cart")]).toEqual([false, [], undefined]);
	const cache = { ...cacheOf(), isSynced: false };
	feed.use(cache);
	expect(feed.isFilled()).toBe(false);
	cache.isSynced = true;
	expect(feed.isFilled()).toBe(true);
});

test("tells what another cache knows differently, and from then on of that one alone", () => {
	const { feed, told, stop } = followed();
	const before = cacheOf(canary("gone"), canary("cart", 20));
	feed.use(before);
	told.length = 0;
	const after = cacheOf(canary("cart", 40), canary("new"));
	feed.use(after);
	expect(told).toEqual([
		["shop/gone", undefined],
		["shop/cart", canary("cart", 40)],
		["shop/new", canary("new")],
	]);
	expect(feed.canaries.list()).toHaveLength(2);
	told.length = 0;
	before.change(canary("cart", 20));
	after.change(canary("cart", 60));
	expect(told).toEqual([["shop/cart", canary("cart", 60)]]);
	stop();
	after.change(canary("cart", 80));
	expect(told).toHaveLength(1);
});
