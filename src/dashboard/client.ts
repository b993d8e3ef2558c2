import {
	type Detail,
	type GoldenTable,
	type ImageLine,
	type ImageVerb,
	type Problem,
	type StreamEvent,
	TOKEN_HEADER,
	type Verb,
} from "../server/dashboard/wire.ts";

const TOKEN_KEY = "haldane-token";
const RETRY_MS = { first: 500, most: 10_000 };
/** The server says something at least every ten seconds. */
const SILENCE_MAX_MS = 25_000;

/** Takes the token out of the address, where it would be copied along, and keeps it for reloads of this tab. */
export function takeToken(): string {
	const [, given] = /^#token=([\w-]+)$/.exec(location.hash) ?? [];
	if (given !== undefined) {
		sessionStorage.setItem(TOKEN_KEY, given);
		history.replaceState(null, "", "/#/");
	}
	return sessionStorage.getItem(TOKEN_KEY) ?? "";
}

export type Connection = "connecting" | "live" | "broken" | "refused";

/** The server will not, whoever asks again in the same way. */
export class Refused extends Error {
	/** Whether a bearer token, or another one, would help. */
	readonly wantsBearer: boolean;

	constructor(message: string, wantsBearer: boolean) {
		super(message);
		this.wantsBearer = wantsBearer;
	}
}

/** The page's own server. Whatever it refuses is thrown with its sentence. */
export function createClient(token: string) {
	let bearer = "";
	let isReadByBearer = false;
	const headersFor = (method: "GET" | "POST"): Record<string, string> => ({
		[TOKEN_HEADER]: token,
		...(bearer !== "" && (isReadByBearer || method === "POST") ? { Authorization: `Bearer ${bearer}` } : {}),
	});
	const json = async <T>(path: string, method: "GET" | "POST" = "GET"): Promise<T> => {
		const answer = await window.fetch(path, { method, headers: headersFor(method) });
		if (!answer.ok) throw await refusalIn(answer);
		return (await answer.json()) as T;
	};
	const pathTo = (root: string, namespace: string, name: string) =>
		`/api/${root}/${encodeURIComponent(namespace)}/${encodeURIComponent(name)}`;
	return {
		/** Sent with actions from now on; with reads too where these are refused without. Never stored. */
		useBearer(given: string): void {
			bearer = given;
		},
		detail: (namespace: string, name: string) => json<Detail>(pathTo("canaries", namespace, name)),
		golden: (namespace: string, name: string) => json<GoldenTable>(pathTo("metrics", namespace, name)),
		act: (verb: Verb, namespace: string, name: string) =>
			json<{ message: string }>(`${pathTo("canaries", namespace, name)}/actions/${verb}`, "POST"),
		/** For exactly that tag and digest: what has changed meanwhile is refused. */
		actOnImage(verb: ImageVerb, line: ImageLine, { tag, digest }: { readonly tag: string; readonly digest?: string }) {
			const { kind, namespace, name, container, role } = line;
			const path = [kind, namespace, name, container, "actions", verb].map(encodeURIComponent).join("/");
			const query = new URLSearchParams({ role, tag, ...(digest === undefined ? {} : { digest }) });
			return json<{ message: string }>(`/api/images/${path}?${query}`, "POST");
		},
		/** Goes on for as long as the page is open; each new connection begins with a snapshot. */
		async follow(
			take: (event: StreamEvent) => void,
			state: (now: Connection, detail: string, wantsBearer?: boolean) => void,
		): Promise<void> {
			let waitMs = RETRY_MS.first;
			for (;;) {
				try {
					await readStream(headersFor("GET"), (event) => {
						waitMs = RETRY_MS.first;
						state("live", "");
						take(event);
					});
					state("broken", "The connection ended");
				} catch (thrown) {
					const detail = thrown instanceof Error ? thrown.message : String(thrown);
					if (thrown instanceof Refused) {
						isReadByBearer ||= thrown.wantsBearer;
						return state("refused", detail, thrown.wantsBearer);
					}
					state("broken", detail);
				}
				await new Promise((resolve) => setTimeout(resolve, waitMs));
				waitMs = Math.min(waitMs * 2, RETRY_MS.most);
			}
		},
	};
}

export type Client = ReturnType<typeof createClient>;

async function refusalIn(answer: Response): Promise<Error> {
	const { error } = (await answer.json()) as Problem;
	if (answer.status !== 401 && answer.status !== 403) return new Error(error);
	return new Refused(error, answer.headers.get("WWW-Authenticate")?.startsWith("Bearer") ?? false);
}

/** By fetch and not by EventSource, which cannot send the token. */
async function readStream(headers: Record<string, string>, take: (event: StreamEvent) => void): Promise<void> {
	const ending = new AbortController();
	let silence = setTimeout(() => ending.abort(), SILENCE_MAX_MS);
	try {
		const answer = await window.fetch("/api/stream", { headers, signal: ending.signal });
		if (!answer.ok || answer.body === null) throw await refusalIn(answer);
		const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
		let rest = "";
		for (;;) {
			const { done, value } = await reader.read();
			if (done) return;
			clearTimeout(silence);
			silence = setTimeout(() => ending.abort(), SILENCE_MAX_MS);
			const { events, rest: left } = eventsIn(rest + value);
			rest = left;
			for (const event of events) take(event);
		}
	} finally {
		clearTimeout(silence);
		ending.abort();
	}
}

/** The whole events of a text, and what is left of one that is not whole yet. */
export function eventsIn(text: string): { readonly events: readonly StreamEvent[]; readonly rest: string } {
	const blocks = text.split("\n\n");
	const rest = blocks.pop() ?? "";
	const events = blocks.flatMap((block) =>
		block.startsWith("data: ") ? [JSON.parse(block.slice(6)) as StreamEvent] : [],
	);
	return { events, rest };
}
