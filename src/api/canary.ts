import { z } from "zod";
import type { KubeObject } from "../domain/kube-object.ts";
import { CanaryAnalysis } from "./canary-analysis.ts";
import { CanaryService } from "./canary-service.ts";
import { CanaryStatus } from "./canary-status.ts";
import { problemsOf } from "./problems.ts";
import { mapOf, reference, ruled } from "./schema.ts";

/** Our group and its version. */
export const API_GROUP = "haldane.dev";
export const API_VERSION = `${API_GROUP}/v1beta1`;

/** Interfaces to meshes and ingresses that this version can drive. */
export const SUPPORTED_PROVIDERS = [
	"gatewayapi",
	"gatewayapi:v1",
	"gatewayapi:v1beta1",
	"linkerd",
	"osm",
	"smi:v1alpha1",
	"smi:v1alpha2",
	"smi:v1alpha3",
	"smi:v1alpha4",
	"kubernetes",
] as const;
export type SupportedProvider = (typeof SUPPORTED_PROVIDERS)[number];

/** Every name that the API knows; those that are not supported yet are refused with the list of those that are. */
export const Provider = z.enum([
	...SUPPORTED_PROVIDERS,
	"apisix",
	"appmesh",
	"appmesh:v1beta2",
	"contour",
	"gloo",
	"istio",
	"knative",
	"kuma",
	"nginx",
	"skipper",
	"traefik",
]);
export type Provider = z.infer<typeof Provider>;

/** The workload under test. */
export const TargetRef = z
	.object(reference(["DaemonSet", "Deployment", "Service"]))
	.describe("The workload under test.");
export type TargetRef = z.infer<typeof TargetRef>;

/** The autoscaler of the target. */
export const AutoscalerRef = z
	.object({
		...reference(["HorizontalPodAutoscaler", "ScaledObject"]),
		primaryScalerQueries: mapOf(
			z.string(),
			32,
			"ScaledObject only: queries for the primary, by name of the trigger.",
		).optional(),
		primaryScalerReplicas: z
			.object({
				minReplicas: z.int().min(1).max(2_147_483_647).optional().describe("The primary's fewest replicas."),
				maxReplicas: z.int().min(1).max(2_147_483_647).optional().describe("The primary's most replicas."),
			})
			.optional()
			.describe("Limits for the primary alone."),
	})
	.describe("The autoscaler of the target; the primary gets one like it.");
export type AutoscalerRef = z.infer<typeof AutoscalerRef>;

/** What the user asks for. */
export const CanarySpec = ruled(
	z.object({
		provider: Provider.optional().describe("The mesh or ingress that moves traffic; the operator's own when absent."),
		metricsServer: z
			.string()
			.max(2_048)
			.optional()
			.describe("Prometheus for built-in and inline checks of this Canary; the operator's own when absent."),
		targetRef: TargetRef,
		autoscalerRef: AutoscalerRef.optional(),
		ingressRef: z
			.object(reference(["Ingress"]))
			.optional()
			.describe("The Ingress that routes to the target."),
		routeRef: z
			.object(reference(["ApisixRoute"]))
			.optional()
			.describe("The APISIX route to the target."),
		upstreamRef: z
			.object({
				...reference(["Upstream"]),
				namespace: z.string().max(63).optional().describe("Namespace of the object."),
			})
			.optional()
			.describe("The Gloo upstream whose settings are copied."),
		service: CanaryService.optional(),
		analysis: CanaryAnalysis.optional(),
		progressDeadlineSeconds: z
			.int()
			.min(1)
			.max(2_147_483_647)
			.default(600)
			.describe("How long a run may make no progress before it is rolled back, in seconds."),
		skipAnalysis: z.boolean().optional().describe("Promote a new revision as soon as it is ready, without any test."),
		revertOnDeletion: z.boolean().optional().describe("Restore the target and its routes when the Canary is deleted."),
		suspend: z.boolean().optional().describe("Leave everything as it is: start no run and change nothing."),
		paused: z.boolean().optional().describe("Hold the run where it is: no checks and no steps."),
	}),
	"What the user asks for.",
	{
		rule: "has(self.analysis) || (has(self.skipAnalysis) && self.skipAnalysis)",
		holds: ({ analysis, skipAnalysis }) => analysis !== undefined || skipAnalysis === true,
		message: "analysis is missing; say how revisions are tested, or set skipAnalysis: true",
	},
);
export type CanarySpec = z.infer<typeof CanarySpec>;

/** A Canary that has been read: defaults are filled in, and rules between fields hold. */
export interface Canary extends KubeObject {
	readonly spec: CanarySpec;
	readonly status?: CanaryStatus;
}

/** A Canary, or why it is none: sentences that name the field and the mend. */
export type ParsedCanary =
	| { readonly ok: true; readonly canary: Canary }
	| { readonly ok: false; readonly problems: readonly string[] };

/**
 * Reads a Canary of our group, or of Flagger's, which has the same shape. Unknown fields are left out. A status that
 * cannot be read is a problem too, for a run whose record is lost would begin anew. A spec that is `known` from another
 * version of the object of the same generation is not read again.
 */
export function parseCanary(object: KubeObject, known?: CanarySpec): ParsedCanary {
	const spec =
		known === undefined
			? CanarySpec.safeParse(object.spec, { reportInput: true })
			: ({ success: true, data: known, error: undefined } as const);
	const given = object.status;
	const status =
		given === undefined || given === null ? undefined : CanaryStatus.safeParse(given, { reportInput: true });
	if (!spec.success || status?.success === false) {
		return {
			ok: false,
			problems: [...problemsOf("spec", spec.error), ...problemsOf("status", status?.error)],
		};
	}
	const { status: _unread, ...rest } = object;
	return {
		ok: true,
		canary: { ...rest, spec: spec.data, ...(status === undefined ? {} : { status: status.data }) } as Canary,
	};
}
