import { follow, type Running } from "./follow.ts";
import { keyedWork } from "./keyed-work.ts";
import type { KubeApi } from "./kube-api.ts";
import type { Condition, Json, KubeObject } from "./kube-object.ts";

/** The parts of an HTTPRoute that the stand-in reads. */
export type HttpRoute = KubeObject<
	{ readonly parentRefs?: readonly Json[] },
	{
		readonly parents?: readonly {
			readonly parentRef: Json;
			readonly controllerName: string;
			readonly conditions?: readonly Condition[];
		}[];
	}
>;

/** A route with this annotation is refused, with the annotation's value as the reason, such as `NotAllowedByListeners`. */
export const REFUSED_ANNOTATION = "test.haldane.dev/refused";

const CONTROLLER = "test.haldane.dev/gateway";

/**
 * Plays the gateway controller for every HTTPRoute: writes Accepted and ResolvedRefs for each parent, with the generation
 * that it saw, at once. It moves no traffic. The HTTPRoute CRD must be installed.
 */
export async function startGateway(api: KubeApi): Promise<Running> {
	const routes = new Map<string, HttpRoute>();
	const work = keyedWork(16, async (key) => {
		const route = routes.get(key);
		if (route !== undefined && !isAnswered(route)) {
			await api.patch(route, { status: { parents: parentsOf(route) } }, { subresource: "status" });
		}
	});
	const keyOf = ({ metadata: { namespace, name } }: HttpRoute) => `${namespace}/${name}`;
	const following = await follow<HttpRoute>(
		api,
		{ apiVersion: "gateway.networking.k8s.io/v1", kind: "HTTPRoute" },
		{
			seen(route) {
				routes.set(keyOf(route), route);
				work.wake(keyOf(route));
			},
			gone: (route) => routes.delete(keyOf(route)),
		},
	);
	return {
		async stop() {
			await following.stop();
			await work.stop();
		},
	};
}

function isAnswered(route: HttpRoute): boolean {
	const wanted = parentsOf(route).map(essenceOf);
	const written = (route.status?.parents ?? []).map(essenceOf);
	return JSON.stringify(wanted) === JSON.stringify(written);
}

function essenceOf({
	parentRef,
	conditions = [],
}: {
	readonly parentRef: Json;
	readonly conditions?: readonly Condition[];
}) {
	const parent = Object.entries(parentRef).sort(([one], [other]) => (one < other ? -1 : 1));
	return [
		parent,
		conditions.map(({ type, status, reason, observedGeneration }) => [type, status, reason, observedGeneration]),
	];
}

function parentsOf({ metadata, spec }: HttpRoute) {
	const refused = metadata.annotations?.[REFUSED_ANNOTATION];
	const condition = (type: string, problem?: string) => ({
		type,
		status: problem === undefined ? "True" : "False",
		reason: problem ?? type,
		message: "",
		observedGeneration: metadata.generation ?? 0,
		lastTransitionTime: new Date().toISOString(),
	});
	return (spec?.parentRefs ?? []).map((parentRef) => ({
		parentRef,
		controllerName: CONTROLLER,
		conditions: [condition("Accepted", refused), condition("ResolvedRefs")],
	}));
}
