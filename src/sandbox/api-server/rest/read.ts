import type { KubeObject } from "../../../domain/kube-object.ts";
import { Refusal } from "../../contract.ts";
import { collectionOf } from "../kinds.ts";
import { fetchFrom, inVersion } from "../objects/world.ts";
import { badRequest, statusOf } from "../refusals.ts";
import { keyIn } from "../store/store.ts";
import { type ApiRequest, type ApiResponse, jsonResponse, type Server } from "./exchange.ts";
import { formed, formOf, listText, objectText } from "./forms.ts";
import type { Route } from "./route.ts";
import { bothOf, fieldSelector, labelSelector, type Matches } from "./selectors.ts";

export function getOne(server: Server, route: Route & { readonly name: string }, request: ApiRequest): ApiResponse {
	const form = formOf(request.headers.accept, request.query);
	const object = fetchFrom(server, route);
	return formed(form, 200, objectText(server, { kind: route.kind, form, object }));
}

/** Which objects the query's selectors mean; undefined: all of them. */
export function selectionOf(server: Server, { kind, name }: Route, query: URLSearchParams): Matches | undefined {
	const byField = fieldSelector(query.get("fieldSelector"), kind, server.kinds.definitionOf(kind));
	const byName = name === undefined ? undefined : (object: KubeObject) => object.metadata.name === name;
	return bothOf(bothOf(labelSelector(query.get("labelSelector")), byField), byName);
}

/** What a continue token says: go on behind `start`, in the list as it was at `rv`; -1: as it is. */
interface Token {
	readonly v: "meta.k8s.io/v1";
	readonly rv: number;
	readonly start: string;
}

export function getList(server: Server, route: Route, request: ApiRequest): ApiResponse {
	const { kind, namespace } = route;
	const form = formOf(request.headers.accept, request.query);
	const matches = selectionOf(server, route, request.query);
	const limit = numberIn(request.query, "limit") ?? 0;
	const token = tokenOf(request.query.get("continue"));
	const at = token && token.rv >= 0 ? token.rv : exactVersion(server, request.query);
	const collection = collectionOf(kind);
	const snapshot =
		at === undefined ? server.store.list(collection, namespace) : server.store.listAt(collection, namespace, at);
	if (!snapshot) return expired(server, token);
	const rest = token ? snapshot.slice(firstAfter(snapshot, token.start)) : snapshot;
	const selected = matches ? rest.filter((object) => matches(inVersion(server, object, kind))) : rest;
	const page = limit > 0 && selected.length > limit ? selected.slice(0, limit) : selected;
	const resourceVersion = String(at ?? server.store.resourceVersion());
	const last = page.at(-1);
	const more =
		page.length < selected.length && last
			? {
					continue: encoded({ v: "meta.k8s.io/v1", rv: Number(resourceVersion), start: keyIn(last) }),
					// How many a selection leaves is not told, as it would have to be counted.
					...(matches ? {} : { remainingItemCount: selected.length - page.length }),
				}
			: {};
	const objects = page.map((object) => inVersion(server, object, kind));
	return formed(form, 200, listText(server, { kind, form, objects, metadata: { resourceVersion, ...more } }));
}

/** The resource version that the list must be of; undefined: any that is not older than what is asked for. */
function exactVersion(server: Server, query: URLSearchParams): number | undefined {
	const asked = query.get("resourceVersion") ?? "";
	if (asked === "" || asked === "0") return undefined;
	const version = versionNumber(asked);
	if (version > server.store.resourceVersion()) {
		const message = `Too large resource version: ${version}, current: ${server.store.resourceVersion()}`;
		const cause = { reason: "ResourceVersionTooLarge", message: "Too large resource version" };
		throw new Refusal(504, "Timeout", `Timeout: ${message}`, { causes: [cause], retryAfterSeconds: 1 });
	}
	return query.get("resourceVersionMatch") === "Exact" ? version : undefined;
}

export function versionNumber(text: string): number {
	if (!/^\d{1,15}$/.test(text)) throw badRequest(`invalid resource version: ${JSON.stringify(text)}`);
	return Number(text);
}

/** Seconds, counts; undefined when the query doesn't say. */
export function numberIn(query: URLSearchParams, name: string): number | undefined {
	const text = query.get(name);
	if (text === null || text === "") return undefined;
	if (!/^\d{1,12}$/.test(text)) throw badRequest(`${name} must be a whole number, not ${JSON.stringify(text)}`);
	return Number(text);
}

function firstAfter(snapshot: readonly KubeObject[], start: string): number {
	const index = snapshot.findIndex((object) => keyIn(object) > start);
	return index < 0 ? snapshot.length : index;
}

function encoded(token: Token): string {
	return Buffer.from(JSON.stringify(token)).toString("base64url");
}

function tokenOf(text: string | null): Token | undefined {
	if (!text) return undefined;
	try {
		const token = JSON.parse(Buffer.from(text, "base64url").toString("utf8")) as Partial<Token> | null;
		if (token?.v === "meta.k8s.io/v1" && typeof token.rv === "number" && typeof token.start === "string") {
			return token as Token;
		}
	} catch {
		// What can't be decoded is refused below, like what can be but is none of ours.
	}
	throw badRequest("continue key is not valid: it is not one that this server gave out");
}

const EXPIRED =
	"The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.";

function expired(server: Server, token: Token | undefined): ApiResponse {
	if (!token) {
		const current = server.store.resourceVersion();
		throw new Refusal(410, "Expired", `The resourceVersion for the provided list is too old. It is ${current} now.`);
	}
	const fresh = { continue: encoded({ ...token, rv: -1 }) };
	return jsonResponse(410, statusOf(new Refusal(410, "Expired", EXPIRED), fresh));
}
