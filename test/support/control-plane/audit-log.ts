import { existsSync, readFileSync } from "node:fs";

/** One request as the API server accounted for it. A watch is one request, however long it runs. */
export interface AuditedRequest {
	readonly user: string;
	readonly verb: string;
	readonly uri: string;
	readonly group: string;
	readonly resource: string | undefined;
	readonly subresource: string | undefined;
	readonly namespace: string | undefined;
	readonly name: string | undefined;
	/** The HTTP status, once there is an answer. */
	readonly code: number | undefined;
	readonly receivedAt: string;
}

/** Users whose requests are no test's concern and would only fill the log. */
const UNHEARD = ["system:apiserver", "bed:controller-manager", "bed:stand-in"];

/** Everything at Metadata level, save what the bed itself asks. */
export const AUDIT_POLICY = {
	apiVersion: "audit.k8s.io/v1",
	kind: "Policy",
	omitStages: ["RequestReceived"],
	rules: [{ level: "None", users: UNHEARD }, { level: "Metadata" }],
};

interface Entry {
	readonly auditID: string;
	readonly verb: string;
	readonly requestURI: string;
	readonly user: { readonly username: string };
	readonly objectRef?: {
		readonly apiGroup?: string;
		readonly resource?: string;
		readonly subresource?: string;
		readonly namespace?: string;
		readonly name?: string;
	};
	readonly responseStatus?: { readonly code?: number };
	readonly requestReceivedTimestamp: string;
}

/**
 * All requests of one user in the order they came in. A request is logged before its answer is sent, so whatever a client has
 * the answer to is here.
 */
export function readAuditLog(file: string, user: string): readonly AuditedRequest[] {
	if (!existsSync(file)) return [];
	const requests = new Map<string, AuditedRequest>();
	for (const line of readFileSync(file, "utf8").split("\n")) {
		// The needle spares parsing what others asked; the last line may still be half written.
		if (!line.includes(`"username":"${user}"`) || !line.endsWith("}")) continue;
		const entry: Entry = JSON.parse(line);
		if (entry.user.username === user) requests.set(entry.auditID, requestOf(entry));
	}
	return [...requests.values()].sort((one, other) => (one.receivedAt < other.receivedAt ? -1 : 1));
}

function requestOf({
	user,
	verb,
	requestURI,
	objectRef,
	responseStatus,
	requestReceivedTimestamp,
}: Entry): AuditedRequest {
	return {
		user: user.username,
		verb,
		uri: requestURI,
		group: objectRef?.apiGroup ?? "",
		resource: objectRef?.resource,
		subresource: objectRef?.subresource,
		namespace: objectRef?.namespace,
		name: objectRef?.name,
		code: responseStatus?.code,
		receivedAt: requestReceivedTimestamp,
	};
}
