import { z } from "zod";
import { Duration, exactlyOne, Metadata, mapOf, Name, Percent, Port, ruled, StringMatch, texts } from "./schema.ts";
import { TrafficPolicy } from "./traffic-policy.ts";

const HeaderOperations = (side: string) =>
	z
		.object({
			add: mapOf(z.string(), 32, "Headers to add, by name.").optional(),
			set: mapOf(z.string(), 32, "Headers to overwrite, by name.").optional(),
			remove: texts(32, "Names of headers to remove.").optional(),
		})
		.describe(`What to do with the headers of the ${side}.`);

/** One way for a request to match: all conditions given must hold. */
export const RequestMatch = z
	.object({
		name: z.string().max(253).optional().describe("A name for this match."),
		uri: StringMatch.optional().describe("The path of the request."),
		scheme: StringMatch.optional().describe("The scheme of the request."),
		method: StringMatch.optional().describe("The HTTP method of the request."),
		authority: StringMatch.optional().describe("The host of the request."),
		headers: mapOf(StringMatch, 32, "Headers that must match, by name in lower case.").optional(),
		withoutHeaders: mapOf(StringMatch, 32, "Headers that must not match, by name.").optional(),
		queryParams: mapOf(StringMatch, 32, "Query parameters that must match, by name.").optional(),
		ignoreUriCase: z.boolean().optional().describe("Compare the path without regard to case."),
		port: Port.optional().describe("The port that the request came to."),
		sourceLabels: mapOf(z.string(), 32, "Labels of the calling workload.").optional(),
		sourceNamespace: z.string().max(63).optional().describe("Namespace of the calling workload."),
		gateways: texts(32, "Gateways through which the request came.").optional(),
	})
	.describe("One way for a request to match: all conditions given must hold.");
export type RequestMatch = z.infer<typeof RequestMatch>;

const dnsLabel = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;

/** A Gateway, or a Service for mesh traffic, that a route is attached to. */
export const ParentRef = z
	.object({
		group: z
			.string()
			.max(253)
			.regex(/^$|^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/)
			.default("gateway.networking.k8s.io")
			.describe("Group of the parent; empty for a Service."),
		kind: z
			.string()
			.max(63)
			.regex(/^[a-zA-Z]([-a-zA-Z0-9]*[a-zA-Z0-9])?$/)
			.default("Gateway")
			.describe("Kind of the parent: Gateway, or Service for mesh traffic."),
		namespace: z.string().min(1).max(63).regex(dnsLabel).optional().describe("Namespace of the parent."),
		name: Name.describe("Name of the parent."),
		sectionName: z
			.string()
			.min(1)
			.max(253)
			.optional()
			.describe("Listener of the Gateway, or port name of the Service."),
		port: Port.optional().describe("Port of the parent to attach to."),
	})
	.describe("A parent that the route is attached to.");
export type ParentRef = z.infer<typeof ParentRef>;

const MirrorFilter = z
	.object({
		backendRef: ruled(
			z.object({
				group: z.string().max(253).default("").describe("Group of the backend; empty for a Service."),
				kind: z.string().max(63).default("Service").describe("Kind of the backend."),
				namespace: z.string().min(1).max(63).optional().describe("Namespace of the backend."),
				name: Name.describe("Name of the backend."),
				port: Port.optional().describe("Port of the backend; required for a Service."),
			}),
			"Where the copies go.",
			{
				rule: "!(self.group == '' && self.kind == 'Service') || has(self.port)",
				holds: ({ group, kind, port }) => !(group === "" && kind === "Service") || port !== undefined,
				message: "a Service needs its port",
			},
		),
		percent: Percent.optional().describe("Share of requests to copy; all when absent."),
		fraction: z
			.object({
				numerator: z.int().min(0).max(2_147_483_647).describe("Share, in parts of the denominator."),
				denominator: z.int().min(1).max(2_147_483_647).default(100).describe("Parts in the whole."),
			})
			.optional()
			.describe("Share of requests to copy, as a fraction."),
	})
	.describe("Another backend that gets copies of the requests.");

const CorsPolicy = z
	.object({
		allowOrigin: texts(64, "Origins that may call, whole.").optional(),
		allowOrigins: z
			.array(
				ruled(
					z.object({
						exact: z.string().max(2_048).optional().describe("The whole origin."),
						prefix: z.string().max(2_048).optional().describe("How the origin begins."),
						regex: z.string().max(2_048).optional().describe("A regular expression that the origin must match."),
					}),
					"How an origin is compared: exactly one of exact, prefix and regex.",
					{
						rule: "[has(self.exact), has(self.prefix), has(self.regex)].exists_one(given, given)",
						holds: ({ exact, prefix, regex }) => exactlyOne(exact, prefix, regex),
						message: "give exactly one of exact, prefix and regex",
					},
				),
			)
			.max(64)
			.optional()
			.describe("Origins that may call, compared by pattern."),
		allowMethods: texts(16, "Methods that may be used.").optional(),
		allowHeaders: texts(64, "Headers that may be sent.").optional(),
		exposeHeaders: texts(64, "Headers that scripts may read.").optional(),
		allowCredentials: z.boolean().optional().describe("Whether credentials may be sent."),
		maxAge: Duration.optional().describe("How long a preflight answer may be kept."),
	})
	.describe("Which other origins browsers may call from.");

/** The Services that are made for the workload, and what shapes the routes to them. */
export const CanaryService = z
	.object({
		name: z
			.string()
			.min(1)
			.max(55)
			.regex(dnsLabel, { error: ({ input }) => `'${input}' is no name for a Service; use a-z, 0-9 and -` })
			.optional()
			.describe("Name that clients call; the name of the target when absent. -primary and -canary are appended to it."),
		port: Port.describe("Port of the Services."),
		portName: z.string().min(1).max(63).default("http").describe("Name of the port."),
		targetPort: z
			.union([Port, z.string().min(1).max(63)])
			.optional()
			.meta({
				description: "Port of the container, by number or name; the port of the Services when absent.",
				"x-kubernetes-int-or-string": true,
			}),
		appProtocol: z.string().max(253).optional().describe("Application protocol of the port, such as http or grpc."),
		trafficDistribution: z
			.enum(["PreferClose", "PreferSameZone", "PreferSameNode"])
			.optional()
			.describe("Which pods the Services prefer."),
		portDiscovery: z
			.boolean()
			.optional()
			.describe("Also expose the other ports of the containers, proxies' own excepted."),
		headless: z.boolean().optional().describe("Make Services without an address of their own."),
		timeout: Duration.optional().describe("How long a whole request may take."),
		backendTimeout: Duration.optional().describe("How long one attempt at a backend may take."),
		gateways: texts(32, "Istio gateways to attach the route to.").optional(),
		gatewayRefs: z
			.array(ParentRef)
			.max(32)
			.optional()
			.describe("Gateways, or Services for mesh traffic, that the Gateway API route is attached to."),
		hosts: texts(16, "Host names that the route serves.").optional(),
		delegation: z.boolean().optional().describe("Make an Istio VirtualService that another one delegates to."),
		trafficPolicy: TrafficPolicy.optional(),
		match: z.array(RequestMatch).max(16).optional().describe("Which requests the route serves; any of them suffices."),
		rewrite: z
			.object({
				uri: z.string().max(1_024).optional().describe("Path, or beginning of the path, to put in its place."),
				authority: z.string().max(253).optional().describe("Host to put in its place."),
				type: z
					.string()
					.max(63)
					.optional()
					.describe("ReplacePrefixMatch replaces what the match said; anything else the full path."),
			})
			.optional()
			.describe("How requests are rewritten on their way."),
		retries: z
			.object({
				attempts: z.int().min(0).max(100).optional().describe("How often a request is tried again."),
				perTryTimeout: Duration.optional().describe("How long one attempt may take."),
				retryOn: z.string().max(1_024).optional().describe("Which failures are tried again."),
			})
			.optional()
			.describe("How failed requests are tried again."),
		headers: z
			.object({
				request: HeaderOperations("request").optional(),
				response: HeaderOperations("response").optional(),
			})
			.optional()
			.describe("How headers are changed on their way."),
		mirror: z
			.array(MirrorFilter)
			.max(16)
			.optional()
			.describe("Other backends that always get copies of the requests, whatever the analysis mirrors."),
		corsPolicy: CorsPolicy.optional(),
		meshName: z.string().max(253).optional().describe("App Mesh's mesh."),
		backends: texts(64, "App Mesh's backends.").optional(),
		apex: Metadata("Metadata for the Service that clients call, and for the route.").optional(),
		primary: Metadata("Metadata for the primary's Service.").optional(),
		canary: Metadata("Metadata for the candidate's Service.").optional(),
		unmanagedMetadata: z
			.object({
				labels: texts(64, "Keys of labels.").optional(),
				annotations: texts(64, "Keys of annotations.").optional(),
			})
			.optional()
			.describe("Metadata of the Services that is left as others wrote it."),
	})
	.describe("The Services that are made for the workload, and what shapes the routes to them.");
export type CanaryService = z.infer<typeof CanaryService>;
