import { describe, expect, test } from "vitest";
import { apply, later, refusalOf, write } from "./requests.ts";
import { deployment, entriesOf, ownedIn } from "./schemas.ts";

describe("kubectl, moving from its own way to apply to the server's", () => {
	const annotation = "kubectl.kubernetes.io/last-applied-configuration";
	const byClient = (spec: Readonly<Record<string, unknown>>) =>
		write(
			undefined,
			deployment(spec, { annotations: { [annotation]: JSON.stringify(deployment(spec)) } }),
			"kubectl-client-side-apply",
		);
	const live = byClient({ replicas: 2, paused: false });

	test("takes over what it applied before, and says so in its annotation", () => {
		const applied = apply(live, deployment({ replicas: 3, paused: false }), "kubectl");
		expect(applied.spec).toEqual({ replicas: 3, paused: false });
		expect(ownedIn(applied)["kubectl Apply"]).toEqual({ "f:spec": { "f:paused": {}, "f:replicas": {} } });
		expect(applied.metadata.annotations?.[annotation]).toBe(
			'{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"cart","namespace":"shop"},"spec":{"paused":false,"replicas":3}}\n',
		);
		expect(apply(applied, deployment({ replicas: 3, paused: false }), "kubectl", { now: later })).toBe(applied);
	});

	test("does not take what has become something else since", () => {
		const scaled = write(live, { ...live, spec: { replicas: 5, paused: false } }, "scaler");
		expect(refusalOf(() => apply(scaled, deployment({ replicas: 3, paused: true }), "kubectl")).message).toBe(
			'Apply failed with 1 conflict: conflict with "scaler" using apps/v1: .spec.replicas',
		);
	});

	test("is no privilege of others, nor of an annotation that says nothing", () => {
		const conflict = 'conflict with "kubectl-client-side-apply" using apps/v1: .spec.replicas';
		const change = deployment({ replicas: 3 });
		expect(refusalOf(() => apply(live, change, "me")).message).toContain(conflict);
		const metadata = { ...live.metadata, annotations: { [annotation]: "{" } };
		expect(refusalOf(() => apply({ ...live, metadata }, change, "kubectl")).message).toContain(conflict);
	});

	test("moves its fields with a patch of managedFields", () => {
		const managedFields = entriesOf(live).map((entry) => ({ ...entry, manager: "kubectl", operation: "Apply" }));
		const moved = write(live, { ...live, metadata: { ...live.metadata, managedFields } }, "kubectl");
		expect(apply(moved, deployment({ replicas: 2 }), "kubectl").spec).toEqual({ replicas: 2 });
	});
});
