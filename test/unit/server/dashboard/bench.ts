import type { Canary } from "../../../../src/api/canary.ts";
import { type KubeObject, keyOf } from "../../../../src/domain/kube-object.ts";
import { silentLog } from "../../../../src/domain/log.ts";
import { createDashboard } from "../../../../src/server/dashboard/app.ts";
import { loopbackDoor } from "../../../../src/server/dashboard/door.ts";
import type { DashboardPorts } from "../../../../src/server/dashboard/ports.ts";
import type { ImageLine } from "../../../../src/server/dashboard/wire.ts";

export const TOKEN = "a-token";
export const ORIGIN = "http://127.0.0.1:4242";

/** A Canary as the API server has it. */
export function canaryOf(name: string, more: { readonly status?: object; readonly spec?: object } = {}): Canary {
	return {
		apiVersion: "haldane.dev/v1beta1",
		kind: "Canary",
		metadata: { name, namespace: "shop" },
		spec: { provider: "linkerd", targetRef: { kind: "Deployment", name }, ...more.spec },
		...(more.status === undefined ? {} : { status: { phase: "Progressing", canaryWeight: 20, ...more.status } }),
	} as unknown as Canary;
}

/** An image of Deployment shop/cart that waits for approval. */
export function imageOf(more: Partial<ImageLine> = {}): ImageLine {
	return {
		kind: "Deployment",
		namespace: "shop",
		name: "cart",
		container: "app",
		role: "container",
		askedBy: { kind: "ImagePolicy", name: "cart-images" },
		policy: "minor",
		image: "ghcr.io/acme/cart:1.0.0",
		chosen: { tag: "1.1.0", digest: DIGEST, why: "the highest", at: "2026-01-01T00:00:00Z" },
		state: "AwaitingApproval",
		why: "",
		passedOver: [],
		failed: [],
		rejected: [],
		next: "It waits for 1 of 1 approval",
		...more,
	};
}

export const DIGEST = `sha256:${"a".repeat(64)}`;

/** The dashboard's routes over objects in memory; `change` is what a watch would tell, `tick` what a clock would. */
export function dashboardOver(
	canaries: readonly Canary[],
	more: Partial<DashboardPorts> = {},
	given: readonly ImageLine[] = [],
) {
	const images = new Map<string, readonly ImageLine[]>(given.map((line) => ["Deployment/shop/cart", [line]]));
	const imageListeners = new Set<(workload: string) => void>();
	const known = new Map<string, KubeObject>(canaries.map((canary) => [keyOf(canary.metadata), canary]));
	const listeners = new Set<(key: string, canary: KubeObject | undefined) => void>();
	const ticking = new Set<() => void>();
	const acted: string[] = [];
	const app = createDashboard({
		page: { "/": { contentType: "text/html; charset=utf-8", body: "<!doctype html>" } },
		door: loopbackDoor(TOKEN, () => 4242),
		canaries: {
			list: () => [...known.values()],
			get: (key) => known.get(key),
			subscribe(listener) {
				listeners.add(listener);
				return () => listeners.delete(listener);
			},
		},
		images: {
			standing: () => ({ isLoading: false, missing: [] }),
			list: () => [...images.values()].flat(),
			of: (workload) => images.get(workload) ?? [],
			subscribe(listener) {
				imageListeners.add(listener);
				return () => imageListeners.delete(listener);
			},
		},
		async actOnImage({ verb, line, tag, digest }, { user, token }) {
			const whose = token === undefined ? "" : ` with ${token()}`;
			acted.push(`${verb} ${line.name} ${tag} ${digest}${user === undefined ? "" : ` for ${user}`}${whose}`);
			return `${verb}: done`;
		},
		get: async () => undefined,
		list: async () => [],
		routeOf: () => undefined,
		planOf: () => [],
		refusalOf: () => undefined,
		shown: (part) => part,
		async act(verb, { namespace, name }, { user }) {
			acted.push(`${verb} ${namespace}/${name}${user === undefined ? "" : ` for ${user}`}`);
			return `asked to ${verb}`;
		},
		query: undefined,
		every(_ms, call) {
			ticking.add(call);
			return () => ticking.delete(call);
		},
		log: silentLog,
		...more,
	});
	return {
		acted,
		listeners,
		imageListeners,
		ticking,
		/** From that address, when one is given. */
		request: (
			path: string,
			{
				headers = {},
				address,
				...init
			}: RequestInit & { headers?: Record<string, string>; address?: string | undefined } = {},
		) =>
			app.request(
				`${ORIGIN}${path}`,
				{ ...init, headers: { "X-Haldane-Token": TOKEN, ...headers } },
				{ incoming: { socket: { remoteAddress: address } } },
			),
		changeImages(lines: readonly ImageLine[]) {
			images.set("Deployment/shop/cart", lines);
			for (const listener of imageListeners) listener("Deployment/shop/cart");
		},
		change(key: string, canary: Canary | undefined) {
			if (canary === undefined) known.delete(key);
			else known.set(key, canary);
			for (const listener of listeners) listener(key, canary);
		},
	};
}
