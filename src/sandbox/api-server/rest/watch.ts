import type { KubeObject } from "../../../domain/kube-object.ts";
import type { Refusal, ServedKind } from "../../contract.ts";
import { collectionOf } from "../kinds.ts";
import { inVersion } from "../objects/world.ts";
import { statusOf, tooOld } from "../refusals.ts";
import type { Change } from "../store/history.ts";
import { withVersion } from "../store/store.ts";
import type { ApiRequest, Reader, Server, StreamedResponse } from "./exchange.ts";
import { type Form, formOf, objectText } from "./forms.ts";
import { numberIn, selectionOf, versionNumber } from "./read.ts";
import type { Route } from "./route.ts";
import type { Matches } from "./selectors.ts";

const BOOKMARK_EVERY_MS = 60_000;
const TIMEOUT_SECONDS = 3600;
/** A reader that leaves more than this unread, beside what came first, is let go: it can list again. */
export const PENDING_BYTES_MAX = 16 * 1024 * 1024;

const INITIAL_EVENTS_END = "k8s.io/initial-events-end";

interface Watch {
	readonly kind: ServedKind;
	readonly namespace: string | undefined;
	readonly form: Form;
	readonly matches: Matches | undefined;
	/** What was there comes first, as ADDED; else it goes on from that resource version. */
	readonly since: "present" | "now" | number;
	readonly bookmarks: boolean;
	/** Tell when what was there has been told. */
	readonly marksEnd: boolean;
	readonly timeoutMs: number;
}

/** A stream of events, each a line of JSON. */
export function watchList(server: Server, route: Route, request: ApiRequest): StreamedResponse {
	const watch = watchOf(server, route, request);
	return {
		status: 200,
		headers: { "content-type": "application/json" },
		open: (reader) => openWatch(server, watch, reader),
	};
}

function watchOf(server: Server, route: Route, { headers, query }: ApiRequest): Watch {
	const asked = query.get("resourceVersion") ?? "";
	const initial = query.get("sendInitialEvents");
	const bookmarks = isTrue(query.get("allowWatchBookmarks"));
	const fromStart = asked === "" || asked === "0";
	const since = isTrue(initial) ? "present" : !fromStart ? versionNumber(asked) : initial === null ? "present" : "now";
	return {
		kind: route.kind,
		namespace: route.namespace,
		form: { ...formOf(headers.accept, query), encoding: "json" },
		matches: selectionOf(server, route, query),
		since,
		bookmarks,
		marksEnd: isTrue(initial) && bookmarks,
		timeoutMs: (numberIn(query, "timeoutSeconds") || TIMEOUT_SECONDS) * 1000,
	};
}

export function isTrue(text: string | null): boolean {
	return text === "true" || text === "1";
}

function openWatch(server: Server, watch: Watch, reader: Reader): () => void {
	const { kind, namespace, form, matches } = watch;
	const collection = collectionOf(kind);
	const begun = server.now();
	let bookmarked = begun;
	let ended = false;
	let withColumns = true;
	// What was there is written in one go, so that nobody can have read it yet: the store is its bound.
	let allowedBytes = Number.POSITIVE_INFINITY;
	const endings: (() => void)[] = [];

	function end(): void {
		if (ended) return;
		ended = true;
		for (const ending of endings) ending();
	}

	function finish(): void {
		if (ended) return;
		end();
		reader.end();
	}

	function send(type: string, object: KubeObject): void {
		if (ended) return;
		const text = objectText(server, { kind, form, object, withColumns });
		withColumns = false;
		reader.write(`{"type":"${type}","object":${text}}\n`);
		if (reader.pendingBytes() > allowedBytes) finish();
	}

	function sendBookmark(annotations?: Readonly<Record<string, string>>): void {
		if (!ended)
			reader.write(`${JSON.stringify({ type: "BOOKMARK", object: bookmarkOf(server, watch, annotations) })}\n`);
		bookmarked = server.now();
	}

	function tell({ type, object, previous, resourceVersion }: Change): void {
		if (namespace !== undefined && object.metadata.namespace !== namespace) return;
		const is = type !== "DELETED" && selects(object);
		const was = previous !== undefined && selects(previous);
		if (is) send(was ? "MODIFIED" : "ADDED", inVersion(server, object, kind));
		else if (was) send("DELETED", inVersion(server, lastOf(type, object, previous, resourceVersion), kind));
	}

	function selects(object: KubeObject): boolean {
		return matches === undefined || matches(inVersion(server, object, kind));
	}

	const missed = typeof watch.since === "number" ? server.store.changesSince(collection, watch.since) : [];
	if (!missed) {
		sendError(reader, tooOld(String(watch.since), server.store.resourceVersion()));
		return () => undefined;
	}
	if (watch.since === "present") {
		for (const object of server.store.list(collection, namespace)) {
			if (selects(object)) send("ADDED", inVersion(server, object, kind));
		}
	}
	for (const change of missed) tell(change);
	allowedBytes = reader.pendingBytes() + PENDING_BYTES_MAX;
	if (watch.marksEnd) sendBookmark({ [INITIAL_EVENTS_END]: "true" });
	endings.push(server.store.subscribe(collection, tell));
	endings.push(
		server.ticks(() => {
			const now = server.now();
			const isOver = now - begun >= watch.timeoutMs;
			if (watch.bookmarks && (isOver || now - bookmarked >= BOOKMARK_EVERY_MS)) sendBookmark();
			if (isOver) finish();
		}),
	);
	return end;
}

/** What leaves a selection is told of as it was, with the resource version at which it left. */
function lastOf(type: Change["type"], object: KubeObject, previous: KubeObject, resourceVersion: number): KubeObject {
	return type === "DELETED" ? object : withVersion(previous, resourceVersion);
}

/** An event that ends a watch before it began. */
function sendError(reader: Reader, refusal: Refusal): void {
	reader.write(`${JSON.stringify({ type: "ERROR", object: statusOf(refusal) })}\n`);
	reader.end();
}

/** Says only how far the watch has come. */
function bookmarkOf(server: Server, { kind, form }: Watch, annotations?: Readonly<Record<string, string>>): object {
	const resourceVersion = String(server.store.resourceVersion());
	const metadata = { resourceVersion, creationTimestamp: null, ...(annotations ? { annotations } : {}) };
	switch (form.as) {
		case "Object":
			return { kind: kind.kind, apiVersion: kind.apiVersion, metadata };
		case "PartialObjectMetadata":
			return { kind: "PartialObjectMetadata", apiVersion: "meta.k8s.io/v1", metadata };
		case "Table":
			return {
				kind: "Table",
				apiVersion: "meta.k8s.io/v1",
				metadata: { resourceVersion },
				columnDefinitions: [],
				rows: [],
			};
	}
}
