import { z } from "zod";
import { durationMs, durationText } from "../domain/duration.ts";
import {
	Duration,
	exactlyOne,
	Interval,
	mapOf,
	Name,
	NamespacedRef,
	Percent,
	ruled,
	SecretRef,
	StringMatch,
} from "./schema.ts";

/** Checks that need neither a template nor a query: each mesh answers them with queries of its own. */
export const BUILT_IN_METRICS = ["request-success-rate", "request-duration"] as const;

const weight = z.int().min(1).max(100);

/** Requests of users who take part in the test; all conditions given must hold. */
export const AnalysisMatch = z
	.object({
		headers: mapOf(StringMatch, 16, "Headers that must match, by name in lower case.").optional(),
		queryParams: mapOf(StringMatch, 16, "Query parameters that must match, by name.").optional(),
		sourceLabels: mapOf(z.string(), 16, "Labels of the calling workload.").optional(),
	})
	.describe("One way for a request to match: all conditions given must hold.");
export type AnalysisMatch = z.infer<typeof AnalysisMatch>;

/** One step of a plan that is written out. */
export const AnalysisStep = ruled(
	z.object({
		weight: Percent.optional().describe("Share of requests for the candidate."),
		mirror: weight.optional().describe("Share of requests whose copy goes to the candidate, its answer unseen."),
		match: z
			.array(AnalysisMatch)
			.min(1)
			.max(16)
			.optional()
			.describe("Requests that go to the candidate; any of the list suffices."),
		pause: z.literal(true).optional().describe("Hold here until a person lets the run go on."),
		for: Duration.optional().describe("How long the step lasts at least; one interval when absent."),
	}),
	"One step of the plan.",
	{
		rule: "has(self.weight) || has(self.mirror) || has(self.match) || has(self.pause) || has(self.for)",
		holds: (step) => Object.values(step).some((value) => value !== undefined),
		message: "an empty step; give weight, mirror, match, pause or for",
	},
	{
		rule: "!has(self.mirror) || !has(self.weight) || self.weight == 0",
		holds: ({ mirror, weight = 0 }) => mirror === undefined || weight === 0,
		message: "a step either mirrors requests or shifts them; give mirror or weight, not both",
	},
);
export type AnalysisStep = z.infer<typeof AnalysisStep>;

/** One check of every round. */
export const CanaryMetric = ruled(
	z.object({
		name: Name.describe("Name of the check; request-success-rate and request-duration are built in."),
		interval: Interval("How far back the query looks.").default("1m"),
		threshold: z
			.number()
			.optional()
			.describe("Deprecated, use thresholdRange. The least success rate, or the most of anything else."),
		thresholdRange: ruled(
			z.object({
				min: z.number().optional().describe("The least value that passes."),
				max: z.number().optional().describe("The greatest value that passes."),
			}),
			"The values that pass.",
			{
				rule: "!has(self.min) || !has(self.max) || self.min <= self.max",
				holds: ({ min, max }) => min === undefined || max === undefined || min <= max,
				message: "min is above max, so no value can pass",
			},
		).optional(),
		query: z.string().min(1).max(16_384).optional().describe("Deprecated, use templateRef. A Prometheus query."),
		templateRef: NamespacedRef("MetricTemplate").optional(),
		templateVariables: mapOf(z.string(), 32, "What the template reads as variables, by name.").optional(),
	}),
	"One check of every round.",
	{
		rule: `has(self.templateRef) || has(self.query) || self.name in [${BUILT_IN_METRICS.map((name) => `'${name}'`).join(", ")}]`,
		holds: ({ name, templateRef, query }) =>
			templateRef !== undefined || query !== undefined || (BUILT_IN_METRICS as readonly string[]).includes(name),
		message: `give templateRef or query, or use a built-in name (${BUILT_IN_METRICS.join(", ")})`,
	},
);
export type CanaryMetric = z.infer<typeof CanaryMetric>;

/** When a hook is called. */
export const WebhookType = z.enum([
	"confirm-rollout",
	"pre-rollout",
	"rollout",
	"confirm-traffic-increase",
	"confirm-promotion",
	"post-rollout",
	"rollback",
	"event",
]);
export type WebhookType = z.infer<typeof WebhookType>;

/** A round waits for its slowest hook, and a Canary that waits hears nothing else. */
export const HOOK_TIMEOUT_MS_MAX = 600_000;

/** A hook that is called, or a gate that is waited on. */
export const CanaryWebhook = z
	.object({
		name: Name.describe("Name of the hook, as messages say it."),
		type: z
			.enum(["", ...WebhookType.options])
			.default("rollout")
			.transform((type) => (type === "" ? "rollout" : type))
			.describe(
				"When the hook is called: gates are confirm-*, checks are pre-rollout and rollout. Empty means rollout.",
			),
		url: z
			.string()
			.min(1)
			.max(2_048)
			.regex(/^https?:\/\/\S+$/, { error: () => "is not an http or https address" })
			.describe("Address that is called with POST; any 2xx is a yes."),
		timeout: Duration.refine((text) => (durationMs(text) ?? 0) <= HOOK_TIMEOUT_MS_MAX, {
			error: ({ input }) =>
				`'${input}' is too long; the most that a hook may take is ${durationText(HOOK_TIMEOUT_MS_MAX)}`,
		})
			.default("10s")
			.describe("How long the answer may take; 10m at the most."),
		retries: z.int().min(0).max(100).default(0).describe("How often a failed call is tried again."),
		disableTLS: z.boolean().optional().describe("Do not verify the certificate of the address."),
		muteAlert: z.boolean().optional().describe("Send no alert while waiting for this gate."),
		metadata: mapOf(z.string(), 64, "What the hook is told, by key.").optional(),
		secretRef: SecretRef("its keys become headers of the call").optional(),
	})
	.describe("A hook that is called, or a gate that is waited on.");
export type CanaryWebhook = z.infer<typeof CanaryWebhook>;

/** Where messages about this Canary go. */
export const CanaryAlert = z
	.object({
		name: Name.describe("Name of the alert."),
		severity: z
			.enum(["", "info", "warn", "error"])
			.default("info")
			.transform((severity) => (severity === "" ? "info" : severity))
			.describe("The least severity that is sent; info and empty mean everything."),
		providerRef: NamespacedRef("AlertProvider"),
	})
	.describe("Where messages about this Canary go.");
export type CanaryAlert = z.infer<typeof CanaryAlert>;

/** Cookies that keep a user on the version first seen. */
export const SessionAffinity = ruled(
	z.object({
		cookieName: z.string().min(1).max(253).describe("Name of the candidate's cookie."),
		primaryCookieName: z.string().min(1).max(253).optional().describe("Name of the primary's cookie."),
		maxAge: z.int().min(0).max(2_147_483_647).default(86_400).describe("Lifetime of the cookie, in seconds."),
		domain: z.string().max(253).optional().describe("Domain of the cookie."),
		path: z.string().max(1_024).optional().describe("Path of the cookie."),
		httpOnly: z.boolean().optional().describe("Hide the cookie from scripts."),
		secure: z.boolean().optional().describe("Send the cookie over TLS only."),
		partitioned: z.boolean().optional().describe("Keep the cookie apart by top-level site."),
		sameSite: z.enum(["Strict", "Lax", "None"]).optional().describe("When other sites may send the cookie."),
	}),
	"Cookies that keep a user on the version first seen.",
	{
		rule: "!has(self.primaryCookieName) || self.primaryCookieName != self.cookieName",
		holds: ({ cookieName, primaryCookieName }) => cookieName !== primaryCookieName,
		message: "primaryCookieName must differ from cookieName",
	},
);
export type SessionAffinity = z.infer<typeof SessionAffinity>;

/** How a new revision is tested. */
export const CanaryAnalysis = ruled(
	z.object({
		interval: Interval("Time between two rounds of checks.").default("60s"),
		threshold: z
			.int()
			.min(-1_000_000)
			.max(1_000_000)
			.overwrite((limit) => Math.max(1, limit))
			.default(1)
			.describe("Failed checks in the whole run after which it is rolled back; less than 1 means 1."),
		inconclusiveLimit: z
			.int()
			.min(0)
			.max(1_000_000)
			.default(10)
			.describe("Rounds in a row without an answer after which the run is rolled back; 0 holds for ever."),
		iterations: z
			.int()
			.min(1)
			.max(1_000_000)
			.optional()
			.describe("Blue/green: rounds of checks before all traffic is switched."),
		stepWeight: weight.optional().describe("Canary: by how many percent the candidate's share grows each round."),
		stepWeights: ruled(
			z.array(weight).min(1).max(100),
			"Canary: the candidate's shares, one after the other, in percent.",
			{
				rule: "self.isSorted() && self.all(one, self.exists_one(other, other == one))",
				holds: (weights) => weights.every((one, at) => at === 0 || one > (weights[at - 1] ?? 0)),
				message: "weights must increase from each to the next",
			},
		).optional(),
		steps: z
			.array(AnalysisStep)
			.min(1)
			.max(50)
			.optional()
			.describe("A plan that is written out: what traffic each step sends, and how long it lasts."),
		maxWeight: weight
			.optional()
			.describe(
				"The greatest share of the candidate before promotion, in percent; 100 when absent. stepWeights and steps say their own.",
			),
		stepWeightPromotion: weight
			.optional()
			.describe("By how many percent traffic goes back to the primary while promoting; all at once when absent."),
		mirror: z.boolean().optional().describe("Copy requests to the candidate before any is shifted to it."),
		mirrorWeight: weight.optional().describe("Share of requests to copy; all when absent."),
		primaryReadyThreshold: Percent.default(100).describe(
			"Share of the primary's pods that must be available, in percent.",
		),
		canaryReadyThreshold: Percent.default(100).describe(
			"Share of the candidate's pods that must be available, in percent.",
		),
		match: z
			.array(AnalysisMatch)
			.max(16)
			.optional()
			.describe("A/B: requests that go to the candidate; any of the list suffices. Needs iterations."),
		metrics: z.array(CanaryMetric).max(64).optional().describe("The checks of every round."),
		alerts: z.array(CanaryAlert).max(32).optional().describe("Where messages about this Canary go."),
		webhooks: z.array(CanaryWebhook).max(64).optional().describe("Hooks that are called and gates that are waited on."),
		sessionAffinity: SessionAffinity.optional(),
	}),
	"How a new revision is tested.",
	{
		rule: "[has(self.iterations), has(self.stepWeight), has(self.stepWeights), has(self.steps)].exists_one(given, given)",
		holds: ({ iterations, stepWeight, stepWeights, steps }) => exactlyOne(iterations, stepWeight, stepWeights, steps),
		message: "give exactly one of iterations, stepWeight, stepWeights and steps",
	},
	{
		rule: "!has(self.steps) || !has(self.mirror) || !self.mirror",
		holds: ({ steps, mirror }) => steps === undefined || mirror !== true,
		message: "mirror does not go with steps; write a step that mirrors instead",
	},
);
export type CanaryAnalysis = z.infer<typeof CanaryAnalysis>;
