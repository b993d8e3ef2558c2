import type { IncomingMessage } from "node:http";
import { createInterface } from "node:readline";
import { type Endpoint, type Exchange, httpsTransport, type Transport } from "./https-transport.ts";
import type { Kind, KubeObject, Reference } from "./kube-object.ts";
import { ResourcePaths } from "./resource-paths.ts";

/** What a list or a watch covers; without a namespace, all of them. */
export interface Selection extends Kind {
	readonly namespace?: string;
	readonly labelSelector?: string;
	readonly fieldSelector?: string;
}

/** How a patch is to be read; `merge` unless said otherwise. */
export interface PatchOptions {
	readonly as?: "merge" | "json" | "strategic-merge";
	readonly subresource?: string;
}

/** Who applies what; conflicts are forced unless `force` is false. */
export interface ApplyOptions {
	readonly fieldManager?: string;
	readonly force?: boolean;
	readonly subresource?: string;
}

/** One line of a watch; `BOOKMARK` is never passed on. */
export interface WatchEvent<T> {
	readonly type: "ADDED" | "MODIFIED" | "DELETED";
	readonly object: T;
}

/** The API server answered, but not with what was asked for; `status` is its HTTP status. */
export class ApiError extends Error {
	override readonly name = "ApiError";
	readonly status: number;
	readonly reason: string;
	readonly remedy = "edit the request";

	constructor(asked: string, status: number, answer: { readonly reason?: string; readonly message?: string }) {
		super(`${asked} was refused with ${status} ${answer.reason ?? ""}: ${answer.message ?? "no message"}`);
		this.status = status;
		this.reason = answer.reason ?? "";
	}
}

/** A client of the tests' own, so that a fault in the operator's client can't hide itself. Throws ApiError when refused. */
export class KubeApi {
	readonly #endpoint: Endpoint;
	readonly #transport: Transport;
	readonly #paths: ResourcePaths;

	constructor(endpoint: Endpoint) {
		this.#endpoint = endpoint;
		this.#transport = httpsTransport(endpoint);
		this.#paths = new ResourcePaths((path) => this.json({ method: "GET", path }));
	}

	/** A client that asks as that user, whom this one may speak for. */
	as(user: string): KubeApi {
		return new KubeApi({ ...this.#endpoint, inPlaceOf: user });
	}

	/** Any request; the answer's JSON as it came. */
	async json<T>(exchange: Exchange): Promise<T> {
		const answer = await this.#transport.send(exchange);
		const text = await textOf(answer);
		const status = answer.statusCode ?? 0;
		if (status >= 200 && status < 300) return JSON.parse(text);
		throw refusal(exchange, status, text);
	}

	/** The object, or undefined when there is none. */
	async get<T extends KubeObject = KubeObject>(reference: Reference): Promise<T | undefined> {
		try {
			return await this.json<T>({ method: "GET", path: await this.#paths.of(reference) });
		} catch (thrown) {
			if (thrown instanceof ApiError && thrown.status === 404) return undefined;
			throw thrown;
		}
	}

	/** All objects of the selection, with the kind that lists leave out, and where a watch may go on. */
	async list<T extends KubeObject = KubeObject>(
		selection: Selection,
	): Promise<{ readonly items: readonly T[]; readonly resourceVersion: string }> {
		const path = await this.#paths.collection(selection);
		const list = await this.json<{ items: T[]; metadata: { resourceVersion: string } }>({ method: "GET", path });
		const { apiVersion, kind } = selection;
		return {
			items: list.items.map((item) => ({ ...item, apiVersion, kind })),
			resourceVersion: list.metadata.resourceVersion,
		};
	}

	/** Creates; refused with 409 when the name is taken. */
	async create<T extends KubeObject = KubeObject>(object: Reference): Promise<T> {
		const path = await this.#paths.folderOf(object);
		return this.json({ method: "POST", path, body: object });
	}

	/** Posts to a subresource of an object, such as a pod's `binding` or `eviction`. */
	async post<T>(reference: Reference, subresource: string, body: unknown): Promise<T> {
		return this.json({ method: "POST", path: await this.#paths.of(reference, subresource), body });
	}

	/** Server-side apply. */
	async apply<T extends KubeObject = KubeObject>(
		object: Reference,
		{ fieldManager = "test", force = true, subresource }: ApplyOptions = {},
	): Promise<T> {
		const path = `${await this.#paths.of(object, subresource)}?fieldManager=${fieldManager}&force=${force}`;
		return this.json({ method: "PATCH", path, body: object, contentType: "application/apply-patch+yaml" });
	}

	/** Patches one object, or its subresource. */
	async patch<T extends KubeObject = KubeObject>(
		reference: Reference,
		body: unknown,
		{ as = "merge", subresource }: PatchOptions = {},
	): Promise<T> {
		const path = await this.#paths.of(reference, subresource);
		return this.json({ method: "PATCH", path, body, contentType: `application/${as}-patch+json` });
	}

	/** Deletes in the background; what is gone already is fine. */
	async delete(
		reference: Reference,
		options: { readonly gracePeriodSeconds?: number; readonly uid?: string } = {},
	): Promise<void> {
		const { gracePeriodSeconds, uid } = options;
		const body = {
			kind: "DeleteOptions",
			apiVersion: "v1",
			propagationPolicy: "Background",
			...(gracePeriodSeconds !== undefined && { gracePeriodSeconds }),
			...(uid !== undefined && { preconditions: { uid } }),
		};
		try {
			await this.json({ method: "DELETE", path: await this.#paths.of(reference), body });
		} catch (thrown) {
			if (!(thrown instanceof ApiError && thrown.status === 404)) throw thrown;
		}
	}

	/**
	 * Passes on each event after that resource version until the server ends the watch (it returns), the signal is aborted or
	 * the connection breaks (it throws), or the version is too old (it throws ApiError 410).
	 */
	async watch<T extends KubeObject = KubeObject>(
		selection: Selection,
		resourceVersion: string,
		onEvent: (event: WatchEvent<T>) => void,
		signal: AbortSignal,
	): Promise<void> {
		const base = await this.#paths.collection(selection);
		const path = `${base}${base.includes("?") ? "&" : "?"}watch=true&resourceVersion=${resourceVersion}`;
		const exchange = { method: "GET", path, signal };
		const answer = await this.#transport.send(exchange);
		const status = answer.statusCode ?? 0;
		if (status !== 200) throw refusal(exchange, status, await textOf(answer));
		// Lines of a stream that breaks just stop coming, so the stream's own error is raced against them.
		const broken = new Promise<never>((_, reject) => answer.once("error", reject));
		await Promise.race([passOn(answer, onEvent, exchange), broken]);
	}

	/** Closes its connections; running requests fail. */
	close(): void {
		this.#transport.close();
	}
}

async function passOn<T>(answer: IncomingMessage, onEvent: (event: WatchEvent<T>) => void, exchange: Exchange) {
	for await (const line of createInterface({ input: answer, crlfDelay: Number.POSITIVE_INFINITY })) {
		if (line === "") continue;
		const event = JSON.parse(line);
		if (event.type === "ERROR")
			throw new ApiError(`${exchange.method} ${exchange.path}`, event.object.code, event.object);
		if (event.type !== "BOOKMARK") onEvent(event);
	}
}

async function textOf(answer: IncomingMessage): Promise<string> {
	answer.setEncoding("utf8");
	let text = "";
	for await (const chunk of answer) text += chunk;
	return text;
}

function refusal({ method, path }: Exchange, status: number, text: string): ApiError {
	const asked = `${method} ${path}`;
	try {
		return new ApiError(asked, status, JSON.parse(text));
	} catch {
		return new ApiError(asked, status, { message: text.slice(0, 300) });
	}
}
