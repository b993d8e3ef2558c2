import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { KubeObject } from "../../../../src/domain/kube-object.ts";
import { withoutOwners } from "../../../../src/sandbox/apply/managed-fields.ts";
import { applyServerSide } from "../../../../src/sandbox/apply/server-side-apply.ts";
import { trackUpdate } from "../../../../src/sandbox/apply/track-update.ts";
import { deployment, deploymentSchema, ownedIn } from "./schemas.ts";

interface Change {
	readonly force?: boolean;
	readonly now?: string;
}

function apply(live: KubeObject | undefined, applied: KubeObject, manager: string, change: Change = {}): KubeObject {
	const { force = false, now = "2026-01-02T03:04:05Z" } = change;
	return applyServerSide({ live, applied, manager, force, schema: deploymentSchema, subresource: "", now });
}

/** Partial Deployments over few names and, from one `say`, always the same value in the same place: two never conflict. */
function configurations(say: string): fc.Arbitrary<KubeObject> {
	const optional = <T>(fields: Record<string, fc.Arbitrary<T>>) => fc.record(fields, { requiredKeys: [] });
	const labels = optional({ a: fc.constant(say), b: fc.constant(say), c: fc.constant(say) });
	const byKey = <T>(entry: fc.Arbitrary<T>, keyOf: (entry: T) => unknown) =>
		fc.uniqueArray(entry, { selector: keyOf, minLength: 1, maxLength: 3 });
	const env = byKey(fc.record({ name: fc.constantFrom("A", "B", "C"), value: fc.constant(say) }), ({ name }) => name);
	const port = fc.record(
		{ containerPort: fc.constantFrom(80, 90), protocol: fc.constantFrom("TCP", "UDP"), name: fc.constant(say) },
		{ requiredKeys: ["containerPort", "protocol"] },
	);
	const ports = byKey(port, ({ containerPort, protocol }) => `${containerPort}/${protocol}`);
	const container = fc.record(
		{ name: fc.constantFrom("web", "side"), image: fc.constant(say), args: fc.constant([say]), env, ports },
		{ requiredKeys: ["name"] },
	);
	const spec = optional<unknown>({
		replicas: fc.constant(say.length),
		selector: fc.constant({ matchLabels: { say } }),
		strategy: optional<unknown>({ type: fc.constant(say), rollingUpdate: fc.constant({ maxSurge: say.length }) }),
		template: fc.record({
			spec: optional<unknown>({
				containers: byKey(container, ({ name }) => name),
				tolerations: fc.constant([{ key: say }]),
			}),
		}),
	});
	const metadata = optional<unknown>({
		labels,
		finalizers: fc.uniqueArray(fc.constantFrom("a/a", "b/b", "c/c"), { minLength: 1 }),
	});
	// As from the wire: with the prototype that JSON has.
	return fc.tuple(spec, metadata).map(([of, meta]) => JSON.parse(JSON.stringify(deployment(of, meta))) as KubeObject);
}

const mine = configurations("one");
const yours = configurations("three");

/** The object with its lists in order of their entries: which manager came first shows in nothing else. */
function unordered(value: unknown): unknown {
	if (Array.isArray(value))
		return value.map(unordered).sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
	if (typeof value !== "object" || value === null) return value;
	const fields = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
	return Object.fromEntries(fields.map(([key, field]) => [key, unordered(field)]));
}

function contentOf(object: KubeObject): unknown {
	return unordered(withoutOwners(object));
}

describe("applying", () => {
	test("the same again changes nothing", () => {
		fc.assert(
			fc.property(mine, yours, (first, second) => {
				const once = apply(apply(undefined, first, "me"), second, "you", { force: true });
				expect(apply(once, second, "you", { now: "2027-01-01T00:00:00Z" })).toBe(once);
			}),
		);
	});

	test("from two sides without conflict leaves what either says, whoever comes first", () => {
		fc.assert(
			fc.property(mine, mine, (one, other) => {
				const forth = apply(apply(undefined, one, "me"), other, "you");
				const back = apply(apply(undefined, other, "you"), one, "me");
				expect(contentOf(forth)).toEqual(contentOf(back));
				expect(ownedIn(forth)).toEqual(ownedIn(back));
				expect(contentOf(apply(forth, one, "me"))).toEqual(contentOf(forth));
			}),
		);
	});

	test("less leaves what the rest would have been without the first apply", () => {
		fc.assert(
			fc.property(mine, mine, mine, (more, less, others) => {
				const all = apply(apply(undefined, more, "me"), others, "you");
				const left = apply(all, less, "me");
				const never = apply(apply(undefined, less, "me"), others, "you");
				expect(blankless(contentOf(left))).toEqual(blankless(contentOf(never)));
			}),
		);
	});

	test("by force leaves what is applied, for everybody to share", () => {
		fc.assert(
			fc.property(mine, yours, (theirs, forced) => {
				const applied = apply(apply(undefined, theirs, "me"), forced, "you", { force: true });
				expect(contentOf(apply(applied, forced, "somebody"))).toEqual(contentOf(applied));
				expect(apply(applied, forced, "you")).toBe(applied);
			}),
		);
	});

	test("what an update has just written conflicts with nobody", () => {
		fc.assert(
			fc.property(mine, (config) => {
				const update = { live: undefined, updated: config, manager: "writer", schema: deploymentSchema };
				const live = trackUpdate({ ...update, subresource: "", now: "2026-01-02T03:04:05Z" });
				expect(contentOf(apply(live, config, "me"))).toEqual(contentOf(live));
			}),
		);
	});
});

/** Without maps and lists that have nothing in them: an owner of `{}` in one order is one of nothing in the other. */
function blankless(value: unknown): unknown {
	if (typeof value !== "object" || value === null) return value;
	const isBlank = (field: unknown) => typeof field === "object" && field !== null && Object.keys(field).length === 0;
	if (Array.isArray(value)) return value.map(blankless).filter((entry) => !isBlank(entry));
	const fields = Object.entries(value).map(([key, field]) => [key, blankless(field)] as const);
	return Object.fromEntries(fields.filter(([, field]) => !isBlank(field)));
}
