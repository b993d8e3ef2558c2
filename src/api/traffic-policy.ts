import { z } from "zod";
import { mapOf, Percent, texts } from "./schema.ts";

const count = z.int().min(0).max(2_147_483_647);

/** How a mesh balances, pools and guards connections to one version; as Istio writes it. */
export const TrafficPolicy = z
	.object({
		loadBalancer: z
			.object({
				simple: z
					.enum(["ROUND_ROBIN", "LEAST_CONN", "RANDOM", "PASSTHROUGH", "LEAST_REQUEST"])
					.optional()
					.describe("A load balancing algorithm."),
				consistentHash: z
					.object({
						httpHeaderName: z.string().optional().describe("Hash this header."),
						httpCookie: z
							.object({
								name: z.string().describe("Name of the cookie."),
								path: z.string().optional().describe("Path of the cookie."),
								ttl: z.string().describe("Lifetime of the cookie."),
							})
							.optional()
							.describe("Hash this cookie."),
						useSourceIp: z.boolean().optional().describe("Hash the address of the caller."),
						httpQueryParameterName: z.string().optional().describe("Hash this query parameter."),
						minimumRingSize: count.optional().describe("Least number of virtual nodes in the ring."),
					})
					.optional()
					.describe("Send the same caller to the same pod."),
				localityLbSetting: z
					.object({
						enabled: z.boolean().optional().describe("Whether locality counts."),
						distribute: z
							.array(
								z.object({
									from: z.string().optional().describe("Locality of the caller."),
									to: mapOf(count, 32, "Weights, by locality.").optional(),
								}),
							)
							.max(32)
							.optional()
							.describe("Weights between localities."),
						failover: z
							.array(
								z.object({
									from: z.string().optional().describe("Region that failed."),
									to: z.string().optional().describe("Region to go to."),
								}),
							)
							.max(32)
							.optional()
							.describe("Where to go when a region fails."),
					})
					.optional()
					.describe("Load balancing by locality."),
				warmupDurationSecs: z.string().optional().describe("How long a new pod gets less traffic."),
			})
			.optional()
			.describe("Load balancing."),
		connectionPool: z
			.object({
				http: z
					.object({
						http1MaxPendingRequests: count.optional().describe("Most requests that wait for a connection."),
						http2MaxRequests: count.optional().describe("Most active requests."),
						maxRequestsPerConnection: count.optional().describe("Most requests on one connection."),
						maxRetries: count.optional().describe("Most retries at a time."),
						idleTimeout: z.string().optional().describe("When an idle connection is closed."),
						h2UpgradePolicy: z
							.enum(["DEFAULT", "DO_NOT_UPGRADE", "UPGRADE"])
							.optional()
							.describe("Whether connections become HTTP/2."),
						useClientProtocol: z.boolean().optional().describe("Keep the protocol of the caller."),
						maxConcurrentStreams: count.optional().describe("Most streams on one HTTP/2 connection."),
					})
					.optional()
					.describe("Limits for HTTP."),
			})
			.optional()
			.describe("Limits for connections."),
		outlierDetection: z
			.object({
				consecutiveErrors: count.optional().describe("Errors in a row before a pod is left out."),
				consecutiveGatewayErrors: count.optional().describe("502, 503 and 504 in a row before a pod is left out."),
				consecutive5xxErrors: count.optional().describe("5xx in a row before a pod is left out."),
				consecutiveLocalOriginFailures: count.optional().describe("Local failures in a row before a pod is left out."),
				splitExternalLocalOriginErrors: z.boolean().optional().describe("Count local failures apart."),
				interval: z.string().optional().describe("How often pods are looked at."),
				baseEjectionTime: z.string().optional().describe("How long a pod is left out at first."),
				maxEjectionPercent: Percent.optional().describe("Most pods left out at a time, in percent."),
				minHealthPercent: Percent.optional().describe("Least pods left, in percent."),
			})
			.optional()
			.describe("Leaving out pods that answer badly."),
		tls: z
			.object({
				mode: z
					.enum(["DISABLE", "SIMPLE", "MUTUAL", "ISTIO_MUTUAL"])
					.optional()
					.describe("How connections are secured."),
				clientCertificate: z.string().optional().describe("Path of the client's certificate."),
				privateKey: z.string().optional().describe("Path of the client's key."),
				caCertificates: z.string().optional().describe("Path of the authorities' certificates."),
				credentialName: z.string().optional().describe("Secret with the client's certificate."),
				subjectAltNames: texts(32, "Names to accept in the server's certificate.").optional(),
				sni: z.string().optional().describe("Server name to send."),
			})
			.optional()
			.describe("TLS towards the pods."),
	})
	.describe("Istio's traffic policy for both versions.");
