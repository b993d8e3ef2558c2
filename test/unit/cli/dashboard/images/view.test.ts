import { describe, expect, test } from "vitest";
import { slimmed } from "../../../../../src/cli/dashboard/images/own-caches.ts";
import { type ImageSource, imageView } from "../../../../../src/cli/dashboard/images/view.ts";
import { type KubeObject, keyOf } from "../../../../../src/domain/kube-object.ts";
import type { Change } from "../../../../../src/kube/store.ts";
import { imagesOf } from "../../../../../src/updater/workload.ts";

const KEY = "Deployment/shop/cart";

function deployment(name: string, annotations: Readonly<Record<string, string>> = {}): KubeObject {
	return {
		apiVersion: "apps/v1",
		kind: "Deployment",
		metadata: { name, namespace: "shop", annotations },
		spec: { template: { spec: { containers: [{ name: "app", image: "acme/cart:1.0.0" }] } } },
	};
}
const policy = (name = "cart"): KubeObject => ({
	apiVersion: "haldane.dev/v1beta1",
	kind: "ImagePolicy",
	metadata: { name, namespace: "shop" },
	spec: {
		targetRef: { apiVersion: "apps/v1", kind: "Deployment", name },
		images: [{ containers: ["app"], policy: { type: "minor" } }],
	},
});

function cacheOf(...objects: readonly KubeObject[]) {
	const known = new Map(objects.map((object) => [keyOf(object.metadata), object]));
	const listeners: ((change: Change) => void)[] = [];
	const synced = Promise.withResolvers<void>();
	const cache = {
		isSynced: false,
		mayRead: true,
		synced: synced.promise,
		list: () => [...known.values()],
		get: (key: string) => known.get(key),
		subscribe: (listener: (change: Change) => void) => void listeners.push(listener),
		put(object: KubeObject, isGone = false) {
			const key = keyOf(object.metadata);
			const before = known.get(key);
			if (isGone) known.delete(key);
			else known.set(key, object);
			for (const listener of listeners) listener({ key, before, after: isGone ? undefined : object });
		},
		sync() {
			cache.isSynced = true;
			synced.resolve();
		},
	};
	return cache;
}

function bench(deployments: readonly KubeObject[] = [], policies: readonly KubeObject[] = []) {
	const caches = {
		workloads: {
			Deployment: cacheOf(...deployments),
			DaemonSet: cacheOf(),
			StatefulSet: cacheOf(),
			CronJob: cacheOf(),
		},
		imagePolicies: cacheOf(...policies),
		imageApprovals: cacheOf(),
		canaries: cacheOf(),
	};
	const canaries = {
		list: caches.canaries.list,
		subscribe: (listener: (canary: KubeObject | undefined) => void) =>
			caches.canaries.subscribe(({ after }) => listener(after)),
	};
	const source: ImageSource = { caches: { ...caches, canaries }, seen: () => [], missing: () => ["a sentence"] };
	const view = imageView(() => 0);
	const told: string[] = [];
	return { caches, source, view, told, listen: () => view.subscribe((key) => told.push(key)) };
}

describe("the images that are shown", () => {
	test("are those of policies and of annotated workloads, and no others", () => {
		const annotated = deployment("mail", { "haldane.dev/policy": "all" });
		const { view, source } = bench([deployment("cart"), annotated, deployment("other")], [policy(), policy("gone")]);
		expect(view.list()).toEqual([]);
		view.use(source);
		expect(view.list().map(({ name, state }) => [name, state])).toEqual([
			["cart", "NotScanned"],
			["mail", "NotScanned"],
			["gone", "Problem"],
		]);
		expect(view.of(KEY)).toHaveLength(1);
		expect(view.of("Secret/shop/cart")).toEqual([]);
	});

	test("are being loaded until every cache knows what there is", async () => {
		const { view, source, caches, told, listen } = bench();
		expect(view.standing()).toEqual({ isLoading: true, missing: [] });
		view.use(source);
		listen();
		const all = [...Object.values(caches.workloads), caches.imagePolicies, caches.imageApprovals];
		for (const cache of all) {
			expect(view.standing().isLoading).toBe(true);
			cache.sync();
		}
		await Promise.resolve();
		expect(view.standing()).toEqual({ isLoading: false, missing: ["a sentence"] });
		expect(told.at(-1)).toBe("");
	});

	test("are bounded, and it is said", () => {
		const many = Array.from({ length: 2_100 }, (_, at) => deployment(`d${at}`, { "haldane.dev/policy": "all" }));
		const { view, source } = bench(many);
		view.use(source);
		expect(view.list()).toHaveLength(2_000);
		expect(view.standing().missing.at(-1)).toContain("Only the first 2000 images");
	});
});

describe("what is told", () => {
	test("is which workload's images changed, whatever it was that did", () => {
		const { view, source, caches, told, listen } = bench([deployment("cart"), deployment("other")]);
		view.use(source);
		listen();
		caches.imagePolicies.put(policy());
		expect(told.splice(0)).toEqual([KEY]);
		const canary = {
			apiVersion: "haldane.dev/v1beta1",
			kind: "Canary",
			metadata: { name: "c", namespace: "shop" },
			spec: { targetRef: { kind: "Deployment", name: "cart" } },
		};
		caches.canaries.put(canary);
		expect(told.splice(0)).toEqual([KEY]);
		expect(view.of(KEY)[0]?.canary).toBe("c");
		caches.canaries.put(canary, true);
		expect(told.splice(0)).toEqual([KEY]);
		expect(view.of(KEY)[0]?.canary).toBeUndefined();
		caches.imagePolicies.put(policy(), true);
		expect(told.splice(0)).toEqual([KEY]);
		expect(view.of(KEY)).toEqual([]);
	});

	test("is nothing where nothing that is shown has changed", () => {
		const { view, source, caches, told, listen } = bench([deployment("cart")], [policy()]);
		view.use(source);
		listen();
		view.list();
		caches.workloads.Deployment.put({ ...deployment("cart"), status: { readyReplicas: 1 } });
		caches.workloads.Deployment.put(deployment("other"));
		expect(told).toEqual([]);
	});

	test("comes from the source in use alone, and not after its end", () => {
		const { view, source, caches, told, listen } = bench([deployment("cart")], [policy()]);
		view.use(source);
		const stop = listen();
		view.list();
		view.use(bench().source);
		expect(told.splice(0)).toEqual([KEY, ""]);
		caches.imagePolicies.put(policy(), true);
		expect(told).toEqual([]);
		stop();
		view.standingChanged();
		expect(told).toEqual([]);
	});
});

test("of a workload only its images and what is said of them are kept", () => {
	const secret = { name: "app", image: "acme/cart:1.0.0", env: [{ name: "A", value: "secret" }] };
	const annotations = {
		"keel.sh/policy": "all",
		"haldane.dev/policy": "all",
		"kubectl.kubernetes.io/last-applied-configuration": "{}",
	};
	const whole = deployment("cart", annotations);
	const kept = slimmed({
		...whole,
		spec: { replicas: 3, template: { spec: { containers: [secret] } } },
		status: { a: 1 },
	});
	expect(kept).toEqual({
		apiVersion: "apps/v1",
		kind: "Deployment",
		metadata: {
			name: "cart",
			namespace: "shop",
			annotations: { "keel.sh/policy": "all", "haldane.dev/policy": "all" },
		},
		spec: { template: { spec: { containers: [{ name: "app", image: "acme/cart:1.0.0" }] } } },
	});
	expect(imagesOf(kept)).toEqual(imagesOf(whole));
	const nameless = { apiVersion: "apps/v1", kind: "Deployment", metadata: {} } as unknown as KubeObject;
	expect(slimmed(nameless)).toBe(nameless);
});
