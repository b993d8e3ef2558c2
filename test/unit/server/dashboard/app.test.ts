import { expect, test } from "vitest";
import type { KubeObject } from "../../../../src/domain/kube-object.ts";
import { canaryOf, dashboardOver } from "./bench.ts";

const deployment = (name: string, image: string): KubeObject => ({
	apiVersion: "apps/v1",
	kind: "Deployment",
	metadata: { name, namespace: "shop" },
	spec: { replicas: 1, selector: { matchLabels: { app: name } }, template: { spec: { containers: [{ image }] } } },
	status: { readyReplicas: 1 },
});
const pod = (app: string): KubeObject => ({
	apiVersion: "v1",
	kind: "Pod",
	metadata: { name: `${app}-x`, namespace: "shop", labels: { app } },
	spec: { containers: [{ image: "i:2" }] },
	status: {
		phase: "Pending",
		conditions: [{ type: "Ready", status: "False" }],
		containerStatuses: [{ restartCount: 3, state: { waiting: { reason: "ImagePullBackOff" } } }],
	},
});
const event = (kind: string, lastTimestamp: string): KubeObject => ({
	apiVersion: "v1",
	kind: "Event",
	metadata: { name: `${kind}${lastTimestamp}`, namespace: "shop" },
	involvedObject: { kind, name: "cart" },
	reason: "Seen",
	type: "Normal",
	message: "m",
	lastTimestamp,
});

const world = {
	get: async ({ name }: { name: string }) => deployment(name, name === "cart" ? "i:2" : "i:1"),
	list: async (kind: "pods" | "events") =>
		kind === "pods"
			? [pod("cart"), pod("other")]
			: [
					event("Canary", "2026-01-01T00:00:00Z"),
					event("Canary", "2026-01-02T00:00:00Z"),
					event("Pod", "2026-01-03T00:00:00Z"),
				],
};

test("tells a Canary whole", async () => {
	const { request } = dashboardOver([canaryOf("cart", { status: {} })], world);
	const detail = await (await request("/api/canaries/shop/cart")).json();
	expect(detail).toMatchObject({
		summary: { name: "cart", phase: "Progressing", target: "Deployment cart" },
		candidate: {
			name: "cart",
			pods: [{ name: "cart-x", isReady: false, state: "ImagePullBackOff", restarts: 3, image: "i:2" }],
		},
		primary: { name: "cart-primary", pods: [] },
		missing: [],
	});
	expect(detail.candidate.template).toContain("image: i:2");
	expect(detail.events.map(({ at }: { at: string }) => at)).toEqual(["2026-01-02T00:00:00Z", "2026-01-01T00:00:00Z"]);
});

test("tells the rest when a part cannot be read", async () => {
	const { request } = dashboardOver([canaryOf("cart", { status: {} })], {
		...world,
		list: async (kind) => {
			if (kind === "pods") throw new Error("pods is forbidden; ask for a role");
			return [];
		},
	});
	const detail = await (await request("/api/canaries/shop/cart")).json();
	expect(detail.missing).toEqual(["Pods could not be read: pods is forbidden; ask for a role"]);
	expect(detail.candidate.name).toBe("cart");
});

test.each(["/api/canaries/shop/nobody", "/api/metrics/shop/nobody"])(
	"says that there is no such Canary: %s",
	async (path) => {
		const answer = await dashboardOver([]).request(path);
		expect(answer.status).toBe(404);
		expect(await answer.json()).toEqual({ error: expect.stringContaining("no Canary shop/nobody") });
	},
);

test("tells of a Canary that was never looked at", async () => {
	const { request } = dashboardOver([canaryOf("cart")]);
	expect(await (await request("/api/canaries")).json()).toMatchObject({
		canaries: [{ phase: "", weight: 0, next: expect.stringContaining("is it running?") }],
	});
});

test.each([
	[{ run: { step: 0, steps: 3, inForceSince: "2026-01-01T00:00:00Z" } }, "Checks, then step 2"],
	[{ run: { step: 2, steps: 3, inForceSince: "2026-01-01T00:00:00Z" } }, "Checks, then promotion"],
	[{ run: { step: -1, steps: 3 } }, "The candidate becomes ready"],
	[{ run: { step: 0, steps: 3, paused: true } }, "Nothing: paused; resume lets it go on"],
	[{ run: { step: 0, steps: 3, waitingFor: "gate" } }, "It waits for gate"],
	[{ phase: "Failed" }, "A change of the target starts a rollout; retry tries the same revision again"],
])("says what comes next: %j", async (status, next) => {
	const { request } = dashboardOver([canaryOf("cart", { status })]);
	const { canaries } = await (await request("/api/canaries")).json();
	expect(canaries[0].next).toBe(next);
});

test("offers resume only for what is held", async () => {
	const verbs = async (run: object) => {
		const { request } = dashboardOver([canaryOf("cart", { status: { run: { step: 0, steps: 3, ...run } } })]);
		return (await (await request("/api/canaries")).json()).canaries[0].verbs;
	};
	expect(await verbs({})).not.toContain("resume");
	expect(await verbs({ paused: true })).toContain("resume");
});

test("says why an action was refused", async () => {
	const { request } = dashboardOver([canaryOf("cart")], {
		act: async () => {
			throw new Error("Canary shop/cart is Succeeded, and pause works when it is Progressing");
		},
	});
	const answer = await request("/api/canaries/shop/cart/actions/pause", {
		method: "POST",
		headers: { Origin: "http://127.0.0.1:4242" },
	});
	expect(answer.status).toBe(409);
	expect((await answer.json()).error).toContain("is Succeeded");
});
