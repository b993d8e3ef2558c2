import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type KubeObject, keyOf } from "../../../src/domain/kube-object.ts";
import { type Change, Store } from "../../../src/kube/store.ts";

const names = ["a", "b", "c"];
const colours = ["red", "green", "blue"];
const coloursOf = ({ metadata }: KubeObject) => Object.keys(metadata.labels ?? {});

const object = (
	name: string,
	version: number | string | undefined,
	{ uid = `uid of ${name}`, labels = [] as readonly string[] } = {},
): KubeObject => ({
	apiVersion: "v1",
	kind: "Service",
	metadata: {
		name,
		namespace: "shop",
		uid,
		...(version === undefined ? {} : { resourceVersion: String(version) }),
		labels: Object.fromEntries(labels.map((colour) => [colour, ""])),
	},
});

const sorted = (objects: Iterable<KubeObject>) =>
	[...objects].sort((one, other) => keyOf(one.metadata).localeCompare(keyOf(other.metadata)));

/** What a store holds is what it should, by whichever way it is asked. */
function expectHolds(store: Store, wanted: ReadonlyMap<string, KubeObject>): void {
	expect(sorted(store.list())).toEqual(sorted(wanted.values()));
	for (const name of names) expect(store.get(`shop/${name}`)).toEqual(wanted.get(`shop/${name}`));
	for (const colour of colours) {
		const coloured = [...wanted.values()].filter((each) => coloursOf(each).includes(colour));
		expect(sorted(store.by("colour", colour))).toEqual(sorted(coloured));
	}
}

/** What changes tell, done to a copy, must give what there is afterwards: neither more nor less. */
function expectTold(changes: readonly Change[], before: ReadonlyMap<string, KubeObject>, store: Store): void {
	const copy = new Map(before);
	for (const change of changes) {
		expect(change.before).toEqual(copy.get(change.key));
		expect(change.after).not.toEqual(change.before);
		if (change.after === undefined) copy.delete(change.key);
		else copy.set(change.key, change.after);
	}
	expect(new Map(store.list().map((each) => [keyOf(each.metadata), each]))).toEqual(copy);
}

const held = (store: Store) => new Map(store.list().map((each) => [keyOf(each.metadata), each]));
const told = (change: Change | undefined) => (change === undefined ? [] : [change]);

const name = fc.constantFrom(...names);
const labels = fc.subarray(colours);
const event = fc.oneof(
	fc.record({ do: fc.constant("put" as const), name, labels }),
	fc.record({ do: fc.constant("remove" as const), name }),
	fc.record({
		do: fc.constant("replace" as const),
		objects: fc.uniqueArray(fc.record({ name, labels }), { selector: (each) => each.name }),
	}),
);

describe("a store", () => {
	test("is as a plain map when all is told in order", () => {
		fc.assert(
			fc.property(fc.array(event, { size: "large", maxLength: 40 }), (events) => {
				const store = new Store({ colour: coloursOf });
				const model = new Map<string, KubeObject>();
				let version = 0;
				for (const event of events) {
					const before = held(store);
					version += 1;
					const changes: Change[] = [];
					if (event.do === "put") {
						const put = object(event.name, version, event);
						model.set(keyOf(put.metadata), put);
						changes.push(...told(store.put(put)));
					} else if (event.do === "remove") {
						model.delete(`shop/${event.name}`);
						changes.push(...told(store.remove(object(event.name, version))));
					} else {
						const listed = event.objects.map((each) => object(each.name, version, each));
						model.clear();
						for (const each of listed) model.set(keyOf(each.metadata), each);
						changes.push(...store.replace(listed, String(version)));
					}
					expectHolds(store, model);
					expectTold(changes, before, store);
				}
			}),
		);
	});

	// The watch tells in order, a list as of now; answers to writes come whenever they like, more than once, or never.
	test("ends as the server is, however late or early the answers to writes come", () => {
		const happening = fc.record({ name, does: fc.constantFrom("write", "delete"), labels });
		const step = fc.oneof(
			fc.record({ do: fc.constant("happen" as const), happening }),
			fc.record({ do: fc.constant("watch" as const) }),
			fc.record({ do: fc.constant("list" as const) }),
			fc.record({ do: fc.constant("answer" as const), which: fc.nat() }),
		);
		fc.assert(
			fc.property(fc.array(step, { size: "large", maxLength: 40 }), (steps) => {
				const store = new Store({ colour: coloursOf });
				const server = new Map<string, KubeObject>();
				const history: { readonly isGone: boolean; readonly object: KubeObject }[] = [];
				let watched = 0;
				const lives = new Map<string, number>();
				for (const step of steps) {
					const before = held(store);
					const changes: Change[] = [];
					if (step.do === "happen") {
						const { name, does, labels } = step.happening;
						const isGone = does === "delete";
						if (isGone && !server.has(`shop/${name}`)) continue;
						const life = lives.get(name) ?? 0;
						const now = object(name, history.length + 1, { uid: `${name}${life}`, labels });
						history.push({ isGone, object: now });
						if (isGone) lives.set(name, life + 1);
						if (isGone) server.delete(`shop/${name}`);
						else server.set(`shop/${name}`, now);
					} else if (step.do === "list") {
						changes.push(...store.replace([...server.values()], String(history.length)));
						watched = history.length;
					} else if (step.do === "watch") {
						const next = history[watched++];
						if (next === undefined) watched = history.length;
						else changes.push(...told(next.isGone ? store.remove(next.object) : store.put(next.object)));
					} else {
						const written = history.filter(({ isGone }) => !isGone);
						const answer = written[step.which % written.length];
						if (answer !== undefined) changes.push(...told(store.remember(answer.object)));
					}
					expectTold(changes, before, store);
				}
				for (const { isGone, object } of history.slice(watched)) {
					if (isGone) store.remove(object);
					else store.put(object);
				}
				for (const { isGone, object } of history) if (!isGone) store.remember(object);
				expectHolds(store, server);
			}),
			{ numRuns: 500 },
		);
	});

	test.each<[string, (store: Store) => unknown, readonly (readonly [string, string])[]]>([
		["keeps a newer version from an older line", (store) => store.put(object("a", 4)), [["a", "5"]]],
		["counts in numbers, not in letters", (store) => store.put(object("a", 10)), [["a", "10"]]],
		["takes the next object of the same name", (store) => store.put(object("a", 9, { uid: "another" })), [["a", "9"]]],
		["keeps it from the one before it", (store) => store.remember(object("a", 4, { uid: "another" })), [["a", "5"]]],
		[
			"keeps it from the deletion of the one before it",
			(store) => store.remove(object("a", 9, { uid: "another" })),
			[["a", "5"]],
		],
		["forgets what an even older list lacks", (store) => store.replace([], "4"), []],
		[
			"does not bring back by an answer what a list lacks",
			(store) => [store.replace([], "8"), store.remember(object("a", 7))],
			[],
		],
		[
			"brings back what came after the list",
			(store) => [store.replace([], "8"), store.remember(object("a", 9))],
			[["a", "9"]],
		],
		["takes a list from before as all there is", (store) => store.replace([object("a", 2)], "3"), [["a", "2"]]],
		["goes on after such a list", (store) => [store.replace([], "3"), store.put(object("a", 4))], [["a", "4"]]],
		[
			"takes versions that are no numbers as they come",
			(store) => [store.put(object("a", "x")), store.put(object("a", "w"))],
			[["a", "w"]],
		],
	])("%s", (_name, act, wanted) => {
		const store = new Store();
		store.put(object("a", 5));
		act(store);
		expect(store.list().map(({ metadata }) => [metadata.name, metadata.resourceVersion ?? "none"])).toEqual(wanted);
	});

	test("takes objects without versions as they come", () => {
		const store = new Store({ colour: coloursOf });
		for (const colour of colours) store.put(object("a", undefined, { labels: [colour] }));
		expectHolds(store, new Map([["shop/a", object("a", undefined, { labels: ["blue"] })]]));
	});

	test("keeps an answer that is ahead of the list", () => {
		const store = new Store();
		store.replace([], "3");
		store.remember(object("a", 5));
		expect(store.replace([], "4")).toEqual([]);
		expect(store.list()).toEqual([object("a", 5)]);
	});

	test("knows neither an index nor a value that there is not", () => {
		const store = new Store({ colour: coloursOf });
		expect([store.by("colour", "red"), store.by("size", "red")]).toEqual([[], []]);
	});
});
