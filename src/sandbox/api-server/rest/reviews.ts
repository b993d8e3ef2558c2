import type { Asker, Json } from "../../contract.ts";
import { timeOf } from "../objects/world.ts";
import { methodNotAllowed } from "../refusals.ts";
import { administrator, askerOf } from "./asker.ts";
import { bodyOf, isJson } from "./body.ts";
import { type ApiRequest, type ApiResponse, jsonResponse, type Server } from "./exchange.ts";
import type { Segments } from "./route.ts";

/** Questions that are asked by posting them: who may do what (everybody everything), and who somebody is. Undefined: none of them. */
export function answerReview(
	server: Server,
	{ apiVersion, rest }: Segments,
	request: ApiRequest,
): ApiResponse | undefined {
	const plural = rest[0] === "namespaces" ? rest[2] : rest[0];
	const review = reviews[`${apiVersion}/${plural}`];
	if (!review || rest.length !== (rest[0] === "namespaces" ? 3 : 1)) return undefined;
	if (request.method !== "POST") throw methodNotAllowed();
	const body = bodyOf(request);
	const asked = isJson(body) ? body : {};
	const spec = isJson(asked.spec) ? asked.spec : {};
	const metadata = review.isDated === true ? { creationTimestamp: timeOf(server) } : (asked.metadata ?? {});
	const answer = { ...asked, apiVersion, kind: review.kind, metadata };
	return jsonResponse(201, { ...answer, status: review.answer(server, spec, request) });
}

interface Review {
	readonly kind: string;
	/** The answer says when it was given. */
	readonly isDated?: true;
	answer(server: Server, spec: Json, request: ApiRequest): Json;
}

const allowed = (kind: string): Review => ({ kind, answer: () => ({ allowed: true }) });

const every = ["*"];

const reviews: Readonly<Record<string, Review>> = {
	"authorization.k8s.io/v1/selfsubjectaccessreviews": allowed("SelfSubjectAccessReview"),
	"authorization.k8s.io/v1/subjectaccessreviews": allowed("SubjectAccessReview"),
	"authorization.k8s.io/v1/localsubjectaccessreviews": allowed("LocalSubjectAccessReview"),
	"authorization.k8s.io/v1/selfsubjectrulesreviews": {
		kind: "SelfSubjectRulesReview",
		answer: () => ({
			resourceRules: [{ verbs: every, apiGroups: every, resources: every }],
			nonResourceRules: [{ verbs: every, nonResourceURLs: every }],
			incomplete: false,
		}),
	},
	"authentication.k8s.io/v1/tokenreviews": {
		kind: "TokenReview",
		answer: (server, { token }) =>
			token === server.token
				? { authenticated: true, user: userOf(administrator(server)) }
				: { authenticated: false, error: "the token is not one that this server gave out" },
	},
	"authentication.k8s.io/v1/selfsubjectreviews": {
		kind: "SelfSubjectReview",
		answer: (server, _spec, request) => ({ userInfo: userOf(askerOf(server, request)) }),
		isDated: true,
	},
};

function userOf({ username, uid, groups, extra }: Asker): Json {
	return { username, ...(uid === undefined ? {} : { uid }), groups, ...(extra === undefined ? {} : { extra }) };
}
