import { afterEach, expect, test } from "vitest";
import { ownImages } from "../../../../../src/cli/dashboard/images/own-caches.ts";
import type { KubeObject } from "../../../../../src/domain/kube-object.ts";
import { silentLog } from "../../../../../src/domain/log.ts";
import type { KubeClient, WatchLine } from "../../../../../src/kube/client.ts";
import { ApiError, ForbiddenError } from "../../../../../src/kube/errors.ts";
import { FakeClock } from "../../../../support/fake-clock.ts";

const ending: AbortController[] = [];
afterEach(() => {
	for (const one of ending.splice(0)) one.abort();
});

const annotated: KubeObject = {
	apiVersion: "apps/v1",
	kind: "Deployment",
	metadata: { name: "cart", namespace: "shop", resourceVersion: "1", annotations: { "keel.sh/policy": "all" } },
	spec: { replicas: 2, template: { spec: { containers: [{ name: "app", image: "acme/cart:1", command: ["x"] }] } } },
};

/** Over an API server that refuses some plurals so, and whose watches tell what they are given. */
function over(refusals: Readonly<Record<string, Error>>, watched: readonly WatchLine[] = []) {
	const clock = new FakeClock();
	const end = new AbortController();
	ending.push(end);
	let changes = 0;
	const namespaces = new Set<string | undefined>();
	const client: Pick<KubeClient, "list" | "watch"> = {
		async list({ plural }, options = {}) {
			namespaces.add(options.namespace);
			const refusal = refusals[plural];
			if (refusal !== undefined) throw refusal;
			return { items: plural === "deployments" ? [annotated] : [], resourceVersion: "1", continue: undefined };
		},
		async *watch({ plural }, { signal }) {
			if (plural === "deployments") yield* watched;
			await new Promise<void>((resolve) => signal?.addEventListener("abort", () => resolve(), { once: true }));
		},
	};
	const source = ownImages(
		{
			client,
			namespace: "shop",
			canaries: { list: () => [], subscribe() {} },
			log: silentLog,
			clock,
			changed: () => {
				changes += 1;
			},
		},
		end.signal,
	);
	return { source, clock, namespaces, changes: () => changes };
}

test("keeps of workloads what images need, in the namespace that is shown", async () => {
	const newer = { ...annotated, metadata: { ...annotated.metadata, name: "mail", resourceVersion: "2" } };
	const { source, clock, namespaces } = over({}, [{ type: "ADDED", object: newer }]);
	await clock.rest();
	expect([...namespaces]).toEqual(["shop"]);
	expect(source.missing()).toEqual([]);
	const kept = source.caches.workloads.Deployment.list();
	expect(kept.map(({ metadata }) => metadata.name)).toEqual(["cart", "mail"]);
	expect(JSON.stringify(kept)).not.toMatch(/command|replicas/);
});

test("says what may not be read, and shows the rest", async () => {
	const refusal = new ForbiddenError("cronjobs is forbidden", { status: 403, reason: "Forbidden" });
	const { source, clock, changes } = over({ cronjobs: refusal });
	await clock.advance(60_000);
	expect(source.missing()).toEqual(["CronJobs can't be shown: cronjobs is forbidden; ask for a role such as view"]);
	expect(changes()).toBe(1);
	expect(source.caches.workloads.CronJob.isSynced).toBe(true);
	expect(source.caches.workloads.Deployment.list()).toHaveLength(1);
});

test("says that ImagePolicies are not installed, and how they are", async () => {
	const absent = new ApiError("404 page not found", { status: 404, reason: "NotFound" });
	const { source, clock } = over({ imagepolicies: absent });
	await clock.rest();
	expect(source.missing()).toEqual([
		expect.stringMatching(/^ImagePolicies are not installed; haldane crds \| kubectl/),
	]);
	expect(source.caches.imagePolicies.isSynced).toBe(true);
});
