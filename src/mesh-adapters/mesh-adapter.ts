import type { Canary } from "../api/canary.ts";
import type { KubeObject } from "../domain/kube-object.ts";
import type { Traffic } from "../domain/traffic.ts";

/** What an interface can express. A Canary that asks for more is refused when it is read. */
export interface Capabilities {
	/** Any share of requests from 0 to 100 percent; without it only blue/green by Service is possible. */
	readonly weights: boolean;
	/** Copies of requests to the candidate, all of them. */
	readonly mirror: boolean;
	/** Copies of a percentage of requests. */
	readonly mirrorPercent: boolean;
	/** Requests told apart by header. */
	readonly headerMatch: boolean;
}

/** The API resource that holds the routes. */
export interface RouteResource {
	readonly group: string;
	readonly kind: string;
	readonly plural: string;
	/** In order of preference; the first that the cluster serves is used. */
	readonly versions: readonly string[];
}

/** The names that a Canary's traffic flows through, all in the Canary's namespace. */
export interface RoutedService {
	readonly namespace: string;
	/** What clients call. Also the name of the route object. */
	readonly apex: string;
	readonly primary: string;
	readonly candidate: string;
	readonly port: number;
	/** For the fields that shape a route beside its weights: hosts, gatewayRefs, timeouts, retries, headers. */
	readonly spec: NonNullable<Canary["spec"]["service"]>;
	/** The version of the route's API to write, `group/version`. */
	readonly apiVersion: string;
}

export type Acceptance =
	| { readonly kind: "accepted" }
	/** Written, but whoever obeys it has not said so yet. */
	| { readonly kind: "pending"; readonly detail: string }
	| { readonly kind: "refused"; readonly detail: string };

/** What to do with the route when its Canary goes, so that the apex Service goes on answering. */
export type Release = { readonly kind: "delete" } | { readonly kind: "write"; readonly object: KubeObject };

/** Something that is in our way and that only a person can clear. */
export interface Obstacle {
	readonly reason: "ForeignRoute" | "RouteUnusable";
	readonly message: string;
}

/**
 * One mesh or ingress interface: what route objects say, and nothing about when. Pure.
 *
 * Guarantees, proven by one suite for all: what is rendered is read back as the same traffic, for every weight and
 * declared capability; rendering from what exists keeps fields, rules and annotations that others wrote; rendering
 * what is already so returns an object that `existing` contains.
 */
export interface MeshAdapter {
	readonly can: Capabilities;
	/** Undefined when traffic needs no object beside the Services. */
	readonly resource: RouteResource | undefined;
	/**
	 * The route object in which the apex keeps all requests and the pair is named beside it, for proxies that hear of a
	 * route before they hear of a Service that is new in it, and fail requests in between. Undefined when `existing`
	 * sends its requests to the pair already, or nothing of the kind is needed.
	 */
	introduce(service: RoutedService, existing: KubeObject | undefined): KubeObject | undefined;
	/** The route object that sends `traffic`; built on `existing` when there is one. Undefined without a resource. */
	render(service: RoutedService, traffic: Traffic, existing: KubeObject | undefined): KubeObject | undefined;
	/** The traffic that the route object asks for; undefined when it does not say (missing, edited, not ours). */
	observe(service: RoutedService, existing: KubeObject | undefined): Traffic | undefined;
	/** Whether whoever obeys the object has taken up its current generation. */
	accepted(service: RoutedService, existing: KubeObject | undefined): Acceptance;
	/** Why `existing` must not be touched, if so. */
	obstacle(service: RoutedService, existing: KubeObject | undefined): Obstacle | undefined;
	/** Gives the apex its requests back. The pair may stay named, without requests, for the proxies' sake. */
	release(service: RoutedService, existing: KubeObject): Release;
	/** What then removes the last of us, once the pair has no more requests to answer. */
	forget(service: RoutedService, existing: KubeObject): Release;
}
