import type { Arbitrary } from "fast-check";
import { CanaryService } from "../../../src/api/canary-service.ts";
import type { KubeObject } from "../../../src/domain/kube-object.ts";
import type { MeshAdapter, RoutedService } from "../../../src/mesh-adapters/mesh-adapter.ts";
import { frozen } from "./world.ts";

/** An adapter with a resource, at one version of its API, and what the suite has to know about that API. */
export interface Subject {
	readonly adapter: MeshAdapter & { readonly resource: NonNullable<MeshAdapter["resource"]> };
	readonly service: RoutedService;
	/** Routes for the apex that others wrote, as the API server returns them, with much in them that is not ours. */
	readonly found: Arbitrary<KubeObject>;
	/** A route of the same name that has nothing to do with the apex. */
	readonly foreign: KubeObject;
	/** What the API server makes of an object that is written: defaults filled in. */
	defaulted(object: KubeObject): KubeObject;
	/** The object as somebody obeys it, if it has a place for that. */
	obeyed(object: KubeObject): KubeObject;
	/** By hand, the weights become other ones than 100/0. */
	reweighed(object: KubeObject): KubeObject;
	/** All of the object but what is ours in it. */
	rest(object: KubeObject): unknown;
	/** Names of the Services that requests for the apex reach, mirrors included. */
	reached(object: KubeObject): ReadonlySet<string>;
}

export function cart(apiVersion: string, spec: object = {}): RoutedService {
	return frozen({
		namespace: "shop",
		apex: "cart",
		primary: "cart-primary",
		candidate: "cart-canary",
		port: 8080,
		spec: CanaryService.parse({ port: 8080, ...spec }),
		apiVersion,
	});
}
