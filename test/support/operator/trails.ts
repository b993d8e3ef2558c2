import { follow, type Running } from "../control-plane/follow.ts";
import type { KubeApi } from "../control-plane/kube-api.ts";
import type { KubeObject } from "../control-plane/kube-object.ts";
import type { CanarySeen } from "./manifests.ts";

/** Everything that was seen of each name, in order, read from the API server by watches of the test's own. */
export interface Trail<T> extends Running {
	of(name: string): readonly T[];
	readonly names: readonly string[];
}

/**
 * What routes said, one entry a change: `20` is the candidate's share, `m20` copies, anything that does not add up is shown
 * as it is, `apex` are requests that go to neither of the pair. HTTPRoutes and TrafficSplits of one name are one trail, which
 * begins when the pair has the requests.
 */
export async function followTraffic(api: KubeApi): Promise<Trail<string>> {
	const seen = new Map<string, string[]>();
	const see = (said: (route: KubeObject) => string) => (route: KubeObject) => {
		const { name } = route.metadata;
		const known = seen.get(name) ?? [];
		const isBefore = known.length === 0 && said(route) === "apex";
		if (known.at(-1) !== said(route) && !isBefore) seen.set(name, [...known, said(route)]);
	};
	const gone = () => {};
	const routes = { apiVersion: "gateway.networking.k8s.io/v1", kind: "HTTPRoute" };
	const splits = { apiVersion: "split.smi-spec.io/v1alpha2", kind: "TrafficSplit" };
	return trailOf(seen, [
		await follow<KubeObject>(api, routes, { seen: see(httpTraffic), gone }),
		await follow<KubeObject>(api, splits, { seen: see(splitTraffic), gone }),
	]);
}

/** Each version of each Canary. */
export async function followCanaries(api: KubeApi): Promise<Trail<CanarySeen>> {
	const known = new Map<string, CanarySeen[]>();
	const seen = (canary: CanarySeen) => {
		const { name } = canary.metadata;
		known.set(name, [...(known.get(name) ?? []), canary]);
	};
	const canaries = { apiVersion: "haldane.dev/v1beta1", kind: "Canary" };
	return trailOf(known, [await follow<CanarySeen>(api, canaries, { seen, gone() {} })]);
}

interface EndpointSlice extends KubeObject {
	readonly endpoints?: readonly { readonly conditions: { readonly ready?: boolean } }[] | null;
}

/** How many ready endpoints each Service has had, one entry a change. A Service that is gone has none. */
export async function followEndpoints(api: KubeApi): Promise<Trail<number>> {
	const slices = new Map<string, ReadonlyMap<string, number>>();
	const seen = new Map<string, number[]>();
	const see = (slice: EndpointSlice, ready: number | undefined) => {
		const service = slice.metadata.labels?.["kubernetes.io/service-name"];
		if (service === undefined) return;
		const others = [...(slices.get(service) ?? [])].filter(([name]) => name !== slice.metadata.name);
		const current = new Map(ready === undefined ? others : [...others, [slice.metadata.name, ready] as const]);
		slices.set(service, current);
		const total = [...current.values()].reduce((sum, count) => sum + count, 0);
		const known = seen.get(service) ?? [];
		if (known.at(-1) !== total) seen.set(service, [...known, total]);
	};
	const endpointSlices = { apiVersion: "discovery.k8s.io/v1", kind: "EndpointSlice" };
	return trailOf(seen, [
		await follow<EndpointSlice>(api, endpointSlices, {
			seen: (slice) => see(slice, (slice.endpoints ?? []).filter(({ conditions }) => conditions.ready).length),
			gone: (slice) => see(slice, undefined),
		}),
	]);
}

/** Whether there was ever nobody to answer, once there had been somebody. */
export function wasInterrupted(ready: readonly number[]): boolean {
	const first = ready.findIndex((count) => count > 0);
	return first < 0 || ready.slice(first).includes(0);
}

function trailOf<T>(seen: ReadonlyMap<string, readonly T[]>, watches: readonly Running[]): Trail<T> {
	return {
		of: (name) => seen.get(name) ?? [],
		get names() {
			return [...seen.keys()];
		},
		async stop() {
			await Promise.all(watches.map((watch) => watch.stop()));
		},
	};
}

interface RouteRule {
	readonly backendRefs?: readonly { readonly name: string; readonly weight?: number }[];
	readonly filters?: readonly {
		readonly type: string;
		readonly requestMirror?: { readonly percent?: number; readonly backendRef: { readonly name: string } };
	}[];
}

function httpTraffic({ metadata: { name }, spec }: KubeObject): string {
	const [rule] = (spec as { readonly rules?: readonly RouteRule[] }).rules ?? [];
	const mirror = rule?.filters?.find(({ type }) => type === "RequestMirror")?.requestMirror;
	const said = share(
		name,
		(rule?.backendRefs ?? []).map((backend) => [backend.name, backend.weight ?? 1]),
	);
	if (mirror?.backendRef.name !== `${name}-canary`) return said;
	// While requests are copied the primary answers all of them.
	return said === "0" ? `m${mirror.percent ?? 100}` : `m${mirror.percent ?? 100} beside ${said}`;
}

function splitTraffic({ metadata: { name }, spec }: KubeObject): string {
	const { backends } = spec as { readonly backends: readonly { readonly service: string; readonly weight: number }[] };
	return share(
		name,
		backends.map(({ service, weight }) => [service, weight]),
	);
}

function share(apex: string, weights: readonly (readonly [string, number])[]): string {
	const of = (name: string) => weights.find(([one]) => one === name)?.[1] ?? 0;
	const candidate = of(`${apex}-canary`);
	if (weights.every(([name, weight]) => (name === apex) === weight > 0)) return "apex";
	const isPair = weights.every(([name, weight]) => weight === 0 || name.startsWith(`${apex}-`));
	return isPair && of(`${apex}-primary`) + candidate === 100 ? String(candidate) : JSON.stringify(weights);
}
