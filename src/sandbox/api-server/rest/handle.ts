import { timingSafeEqual } from "node:crypto";
import { Refusal } from "../../contract.ts";
import { methodNotAllowed, noSuchPath, statusOf } from "../refusals.ts";
import { type ApiRequest, type ApiResponse, jsonResponse, type Server } from "./exchange.ts";
import { patchOne } from "./patch.ts";
import { getList, getOne } from "./read.ts";
import { answerReview } from "./reviews.ts";
import { type Route, routeOf, segmentsOf } from "./route.ts";
import { answerSubresource } from "./subresources.ts";
import { isTrue, watchList } from "./watch.ts";
import { createOne, deleteMany, deleteOne, type NamedRoute, replaceOne, warningHeaders } from "./write.ts";

/** Answers a request to the API; every refusal is a `Status`. Throws only what is a mistake of ours. */
export function handle(server: Server, request: ApiRequest): ApiResponse {
	try {
		return answer(server, request);
	} catch (error) {
		if (!(error instanceof Refusal)) throw error;
		return jsonResponse(error.code, statusOf(error));
	}
}

const HEALTH = ["/healthz", "/livez", "/readyz"];

function answer(server: Server, request: ApiRequest): ApiResponse {
	const { path } = request;
	const health = HEALTH.find((one) => path === one || path.startsWith(`${one}/`));
	if (health !== undefined) return healthOf(health.slice(1), request);
	requireToken(server, request);
	const segments = segmentsOf(path);
	if (!segments) return describe(server, request);
	const review = answerReview(server, segments, request);
	if (review) return review;
	const route = routeOf(server.kinds, segments);
	const warning = deprecations[`${route.kind.apiVersion}/${route.kind.kind}`];
	const answered = answerAt(server, route, request);
	return warning === undefined ? answered : warned(answered, warning);
}

/** What a real API server says of every request for such objects. */
const deprecations: Readonly<Record<string, string>> = {
	"v1/Endpoints": "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice",
};

function warned(response: ApiResponse, text: string): ApiResponse {
	const { warning = [] } = response.headers;
	const own = warningHeaders([text]).warning ?? [];
	return { ...response, headers: { ...response.headers, warning: [...own, ...[warning].flat()] } };
}

function answerAt(server: Server, route: Route, request: ApiRequest): ApiResponse {
	const { name } = route;
	const isWatch = request.method === "GET" && isTrue(request.query.get("watch"));
	if (name === undefined) {
		switch (request.method) {
			case "GET":
				return isWatch ? watchList(server, route, request) : getList(server, route, request);
			case "POST":
				if (route.kind.namespaced && route.namespace === undefined) throw methodNotAllowed();
				return createOne(server, route, request);
			case "DELETE":
				if (route.kind.namespaced && route.namespace === undefined) throw methodNotAllowed();
				return deleteMany(server, route, request);
			default:
				throw methodNotAllowed();
		}
	}
	const named: NamedRoute = { ...route, name };
	if (route.subresource !== "") return answerSubresource(server, named, request);
	switch (request.method) {
		case "GET":
			return isWatch ? watchList(server, route, request) : getOne(server, named, request);
		case "PUT":
			return replaceOne(server, named, request);
		case "PATCH":
			return patchOne(server, named, request);
		case "DELETE":
			return deleteOne(server, named, request);
		default:
			throw methodNotAllowed();
	}
}

function healthOf(name: string, { query }: ApiRequest): ApiResponse {
	const body = query.has("verbose") ? `[+]ping ok\n[+]store ok\n${name} check passed\n` : "ok";
	return { status: 200, headers: { "content-type": "text/plain; charset=utf-8" }, body };
}

/** Discovery and OpenAPI. */
function describe({ kinds, rules }: Server, { method, path, headers }: ApiRequest): ApiResponse {
	const described = rules.describeApi(kinds.all(), { path, accept: headers.accept ?? "*/*" });
	if (!described) throw noSuchPath();
	if (method !== "GET") throw methodNotAllowed();
	const { contentType, body, etag } = described;
	const tag = etag === undefined ? {} : { etag, vary: "Accept" };
	if (etag !== undefined && headers["if-none-match"] === etag) return { status: 304, headers: tag, body: "" };
	return { status: 200, headers: { "content-type": contentType, ...tag }, body };
}

function requireToken({ token }: Server, { headers }: ApiRequest): void {
	const given = Buffer.from(headers.authorization ?? "");
	const wanted = Buffer.from(`Bearer ${token}`);
	if (given.length === wanted.length && timingSafeEqual(given, wanted)) return;
	throw new Refusal(401, "Unauthorized", "Unauthorized");
}
