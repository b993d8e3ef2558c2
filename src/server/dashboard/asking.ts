import type { Context } from "hono";
import type { Asking, Refusal } from "./door.ts";

/** The request, as doors look at it. */
export function askingIn({ req, env }: Context): Asking {
	const { incoming } = (env ?? {}) as { readonly incoming?: { readonly socket?: { readonly remoteAddress?: string } } };
	return { header: (name) => req.header(name), address: incoming?.socket?.remoteAddress ?? "" };
}

export function refused(context: Context, { status, error, wantsBearer }: Refusal): Response {
	if (wantsBearer) context.header("WWW-Authenticate", 'Bearer realm="haldane"');
	return context.json({ error }, status);
}
