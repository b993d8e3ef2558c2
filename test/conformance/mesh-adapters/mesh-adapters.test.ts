import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { contains } from "../../../src/domain/contains.ts";
import { InvariantError } from "../../../src/domain/invariant.ts";
import type { KubeObject } from "../../../src/domain/kube-object.ts";
import { allPrimary, mirrored, sameTraffic, split, type Traffic } from "../../../src/domain/traffic.ts";
import type { MeshAdapter } from "../../../src/mesh-adapters/mesh-adapter.ts";
import { meshAdapters } from "../../../src/mesh-adapters/registry.ts";
import { gatewayApiSubjects } from "./gateway-api.ts";
import { cart, type Subject } from "./subject.ts";
import { trafficSplitSubjects } from "./traffic-split.ts";
import { applied } from "./world.ts";

const subjects: readonly Subject[] = [...gatewayApiSubjects, ...trafficSplitSubjects];

const splits = Array.from({ length: 101 }, (_, candidate) => split(candidate));
const mirrors = Array.from({ length: 100 }, (_, index) => mirrored(index + 1));

function isWithin(can: MeshAdapter["can"], { candidate, mirror }: Traffic): boolean {
	return (candidate === 0 || can.weights) && (mirror === 0 || can.mirror) && (mirror % 100 === 0 || can.mirrorPercent);
}

const trafficWithin = (can: MeshAdapter["can"]) =>
	fc.constantFrom(...[...splits, ...mirrors].filter((traffic) => isWithin(can, traffic)));

describe("the registry", () => {
	test("has every adapter with a resource under test, at each of its versions", () => {
		const tested = subjects.map(({ adapter, service }) => `${adapter.resource.kind} ${service.apiVersion}`);
		const wanted = Object.values(meshAdapters).flatMap(({ resource }: MeshAdapter) =>
			(resource?.versions ?? []).map((version) => `${resource?.kind} ${resource?.group}/${version}`),
		);
		expect(tested.toSorted()).toEqual(wanted.toSorted());
	});
});

describe.each(Object.entries<MeshAdapter>(meshAdapters))("mesh adapter %s", (_id, adapter) => {
	const service = cart("example.com/v1", { gatewayRefs: [{ name: "public" }] });

	test("renders each traffic that it declares and no other", () => {
		for (const traffic of [...splits, ...mirrors]) {
			const render = () => adapter.render(service, traffic, undefined);
			if (isWithin(adapter.can, traffic)) expect(render).not.toThrow();
			else expect(render).toThrow(InvariantError);
		}
	});

	test.each([
		["that does not add up", { primary: 50, candidate: 40, mirror: 0 }],
		["below nothing", { primary: 110, candidate: -10, mirror: 0 }],
		["in fractions", { primary: 99.5, candidate: 0.5, mirror: 0 }],
		["that mirrors more than all", { primary: 100, candidate: 0, mirror: 200 }],
	])("renders no traffic %s", (_name, traffic) => {
		expect(() => adapter.render(service, traffic, undefined)).toThrow(InvariantError);
	});

	test("without a resource needs no object and has all traffic at the primary", () => {
		if (adapter.resource !== undefined) return;
		expect(adapter.render(service, allPrimary, undefined)).toBeUndefined();
		expect(adapter.observe(service, undefined)).toEqual(allPrimary);
		expect(adapter.accepted(service, undefined)).toEqual({ kind: "accepted" });
		expect(adapter.obstacle(service, undefined)).toBeUndefined();
	});
});

const named = subjects.map(
	(subject) => [`${subject.adapter.resource.kind} ${subject.service.apiVersion}`, subject] as const,
);

describe.each(named)("%s", (_name, subject) => {
	const { adapter, service, found, foreign, defaulted, obeyed, reweighed, rest, reached } = subject;

	/** The object after the traffic was written to what was there, as the API server then returns it. */
	const write = (traffic: Traffic, existing: KubeObject | undefined): KubeObject => {
		const object = adapter.render(service, traffic, existing);
		if (object === undefined) throw new Error("nothing was rendered");
		return defaulted(applied(existing, object));
	};
	const release = (existing: KubeObject): KubeObject | undefined => {
		const released = adapter.release(service, existing);
		return released.kind === "delete" ? undefined : defaulted(applied(existing, released.object));
	};
	const forget = (existing: KubeObject): KubeObject | undefined => {
		const forgotten = adapter.forget(service, existing);
		return forgotten.kind === "delete" ? undefined : defaulted(applied(existing, forgotten.object));
	};
	const introduce = (existing: KubeObject | undefined): KubeObject | undefined => {
		const introduction = adapter.introduce(service, existing);
		return introduction && defaulted(applied(existing, introduction));
	};
	const traffic = trafficWithin(adapter.can);
	/** Nothing, what we made before, or what others made. */
	const before = fc.oneof(
		fc.constant(undefined),
		traffic.map((past) => write(past, undefined)),
		found,
	);
	const law = <Ts extends [unknown, ...unknown[]]>(
		arbitraries: { [K in keyof Ts]: fc.Arbitrary<Ts[K]> },
		holds: (...values: Ts) => void,
	) =>
		fc.assert(
			fc.property<Ts>(...arbitraries, (...values) => {
				holds(...values);
			}),
			{ numRuns: 200 },
		);

	test("reads back every traffic that it declares, from nothing and from the one before", () => {
		let existing: KubeObject | undefined;
		for (const next of [...splits, ...mirrors].filter((traffic) => isWithin(adapter.can, traffic))) {
			expect(adapter.observe(service, write(next, undefined))).toEqual(next);
			existing = write(next, existing);
			expect(adapter.observe(service, existing)).toEqual(next);
		}
	});

	test("reads back what it writes over what is there", () => {
		law([traffic, before], (to, existing) => expect(adapter.observe(service, write(to, existing))).toEqual(to));
	});

	test("reaches whom the traffic says and nobody else", () => {
		law([traffic, before], (to, existing) => {
			const wanted = [
				...(to.primary > 0 ? [service.primary] : []),
				...(to.candidate > 0 || to.mirror > 0 ? [service.candidate] : []),
			];
			expect([...reached(write(to, existing))].toSorted()).toEqual(wanted.toSorted());
		});
	});

	test("writes nothing new where all is as wanted", () => {
		law([traffic, before], (to, existing) => {
			const object = write(to, existing);
			expect(contains(object, adapter.render(service, to, object))).toBe(true);
			expect(write(to, object)).toEqual(object);
		});
	});

	test("writes nothing over a route that says so in its own way", () => {
		law([found], (existing) => {
			const said = adapter.observe(service, existing);
			if (said !== undefined) expect(contains(existing, adapter.render(service, said, existing))).toBe(true);
		});
	});

	test("keeps what others wrote, through every traffic and the release", () => {
		law([found, fc.array(traffic, { minLength: 1, maxLength: 4 })], (existing, run) => {
			const after = run.reduce((object, to) => write(to, object), existing);
			expect(rest(after)).toEqual(rest(existing));
			const released = release(after);
			expect(released && rest(released)).toEqual(rest(existing));
		});
	});

	test("sends along only what is its own", () => {
		law([found, traffic], (existing, to) => {
			const sent = adapter.render(service, to, existing);
			expect(Object.keys(sent ?? {}).toSorted()).toEqual(["apiVersion", "kind", "metadata", "spec"]);
			expect(sent?.metadata).toEqual({ name: service.apex, namespace: service.namespace });
			expect(adapter.render(service, to, undefined)?.metadata).not.toHaveProperty("ownerReferences");
		});
	});

	test("sees weights that were edited by hand, and restores them", () => {
		law([traffic, before], (to, existing) => {
			if (sameTraffic(to, split(75))) return;
			const edited = reweighed(write(to, existing));
			// Who is the only one to get requests gets all of them, whatever the weight.
			if (!reached(edited).has(service.candidate)) return;
			expect(adapter.observe(service, edited)).not.toEqual(to);
			expect(adapter.observe(service, write(to, edited))).toEqual(to);
		});
	});

	test("leaves the apex answering when it lets go, once for all", () => {
		law([traffic, before], (to, existing) => {
			const released = release(write(to, existing));
			if (released === undefined) return;
			expect([...reached(released)]).toEqual([service.apex]);
			expect(adapter.observe(service, released)).toBeUndefined();
			expect(release(released)).toEqual(released);
		});
	});

	test("introduces the pair without taking a request from the apex, once, and not while the pair has some", () => {
		law([traffic, before], (to, existing) => {
			expect(introduce(write(to, existing))).toBeUndefined();
			const introduced = introduce(existing);
			if (introduced === undefined) return;
			expect(reached(introduced)).toContain(service.apex);
			expect(adapter.observe(service, introduced)).toBeUndefined();
			expect(introduce(introduced)).toEqual(introduced);
			expect(adapter.observe(service, write(to, introduced))).toEqual(to);
			expect(reached(release(introduced) ?? introduced)).toEqual(new Set([service.apex]));
		});
	});

	test("forgets all that the release left, and nothing of others", () => {
		law([found, traffic], (existing, to) => {
			const released = release(write(to, existing)) ?? existing;
			const forgotten = forget(released);
			expect(forgotten && rest(forgotten)).toEqual(rest(existing));
			expect([...reached(forgotten ?? existing)]).toEqual([service.apex]);
			expect(JSON.stringify(forgotten?.spec)).not.toMatch(new RegExp(`"${service.primary}"|"${service.candidate}"`));
			expect(forgotten && forget(forgotten)).toEqual(forgotten);
			expect(forgotten && release(forgotten)).toEqual(forgotten);
		});
	});

	test("never deletes what it found", () => {
		law([traffic, found], (to, existing) => {
			expect(adapter.release(service, existing).kind).toBe("write");
			expect(adapter.release(service, write(to, existing)).kind).toBe("write");
			expect(adapter.forget(service, write(to, existing)).kind).toBe("write");
		});
	});

	test("meets no obstacle in what it writes or can share, and one in what is for others", () => {
		law([traffic, before], (to, existing) => {
			expect(adapter.obstacle(service, existing)).toBeUndefined();
			expect(adapter.obstacle(service, write(to, existing))).toBeUndefined();
		});
		expect(adapter.obstacle(service, foreign)).toMatchObject({ reason: "ForeignRoute" });
		expect(adapter.observe(service, foreign)).toBeUndefined();
	});

	test("is accepted once it is obeyed, and never before it is there", () => {
		expect(adapter.observe(service, undefined)).toBeUndefined();
		expect(adapter.accepted(service, undefined).kind).toBe("pending");
		law([traffic, before], (to, existing) => {
			expect(adapter.accepted(service, obeyed(write(to, existing)))).toEqual({ kind: "accepted" });
		});
	});

	test("answers with a value whatever is in the route", () => {
		law([fc.jsonValue({ maxDepth: 2 }), traffic], (spec, to) => {
			const odd = { ...foreign, spec: { spec } };
			expect(adapter.observe(service, odd)).toBeUndefined();
			expect(adapter.obstacle(service, odd)).toMatchObject({ reason: "ForeignRoute" });
			expect(() => adapter.render(service, to, odd)).not.toThrow();
		});
	});
});
