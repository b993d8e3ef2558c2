import { same } from "../same.ts";
import { TOKEN_HEADER } from "./wire.ts";

/** A request, as far as it says who asks. */
export interface Asking {
	header(name: string): string | undefined;
	/** Where it comes from; `""` when that is not known. */
	readonly address: string;
}

/** Why somebody is not let in, with the mend. */
export interface Refusal {
	readonly status: 401 | 403 | 429 | 503;
	readonly error: string;
	/** Whether a bearer token, or another one, would help. */
	readonly wantsBearer?: boolean;
}

/** What somebody wants to do: with all of a namespace, all there are, or one. */
export interface Wish {
	readonly verb: "list" | "patch" | "create";
	readonly of: { readonly group: string; readonly plural: string };
	readonly namespace: string | undefined;
	readonly name?: string;
}

export const CANARIES = { group: "haldane.dev", plural: "canaries" } as const;

/** Who is let in. */
export interface Visitor {
	/** As the API server names them; absent for the user of the kubeconfig, whom only the API server knows. */
	readonly user?: string;
	/** Their own bearer token, for one request in their place; a function, so that nobody writes it down by mistake. */
	readonly token?: () => string;
}

/** Who may come in, and by which names of ours. */
export interface Door {
	/** Whether a `Host` header names us. */
	isOurs(host: string): boolean;
	/** Says by which names we can be called. */
	readonly names: string;
	/** The origins of pages that were loaded from that host. */
	origins(host: string): readonly string[];
	/** Why the request may not read; undefined when it may. */
	refusesReading(asking: Asking): Promise<Refusal | undefined>;
	/** Who asks for the action, or why it is refused. */
	admit(asking: Asking, wish: Wish): Promise<Visitor | Refusal>;
	/** How often a page that stays open is asked again whether it may read; undefined when once is enough. */
	readonly readingAgainMs?: number;
}

export function isRefusal(answer: Visitor | Refusal): answer is Refusal {
	return "error" in answer;
}

/** Names that a browser cannot be made to resolve to us by somebody else's DNS. */
export const LOOPBACK_NAMES = ["127.0.0.1", "localhost", "[::1]"];

/** Lets in whoever knows the token of the printed address, to read and to act. */
export function loopbackDoor(token: string, port: () => number): Door {
	const refusal: Refusal = {
		status: 401,
		error: "The token is missing or old; open the whole address that haldane dashboard printed",
	};
	const isKnown = (asking: Asking) => same(asking.header(TOKEN_HEADER) ?? "", token);
	return {
		isOurs: (host) =>
			LOOPBACK_NAMES.flatMap((name) => [`${name}:${port()}`, ...(port() === 80 ? [name] : [])]).includes(host),
		get names() {
			return `${LOOPBACK_NAMES[0]}:${port()} only; open the address that was printed`;
		},
		origins: (host) => [`http://${host}`],
		refusesReading: async (asking) => (isKnown(asking) ? undefined : refusal),
		admit: async (asking) => (isKnown(asking) ? {} : refusal),
	};
}
