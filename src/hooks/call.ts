import { describeRef } from "../domain/kube-object.ts";
import type { Send } from "../http/request.ts";
import type { Hook, HookAnswer, ReadSecret, SecretRef } from "./hook.ts";
import {
	eventBody,
	type HookBody,
	type HookCall,
	type HookEvent,
	hookBody,
	hookRequest,
	unsendableHeaders,
} from "./payload.ts";
import { readHook } from "./verdict.ts";

export interface HookPorts {
	readonly send: Send;
	readonly readSecret: ReadSecret;
}

export interface Hooks {
	/** Asks a gate or a check, with its retries. */
	ask(hook: Hook, call: HookCall, signal: AbortSignal): Promise<HookAnswer>;
	/** Tells an event hook. The answer matters to nobody but the log. */
	tell(
		hook: Hook,
		told: { readonly call: HookCall; readonly event: HookEvent },
		signal: AbortSignal,
	): Promise<HookAnswer>;
}

/** Calls hooks. A Secret that is missing or of no use is an answer too, so that the reason reaches the status. */
export function hooks({ send, readSecret }: HookPorts): Hooks {
	return {
		ask: (hook, call, signal) => post(hook, hookBody(hook, call), signal),
		tell: (hook, { call, event }, signal) => post(hook, eventBody(hook, call, event), signal),
	};

	async function post(hook: Hook, body: HookBody, signal: AbortSignal): Promise<HookAnswer> {
		if (hook.secret === undefined) return answerTo(hook, body, {}, signal);
		const secret = await readSecret(hook.secret);
		const described = describeSecret(hook.secret);
		if (secret === undefined) return { kind: "unreachable", detail: `${described} does not exist` };
		const refused = unsendableHeaders(secret);
		if (refused.length === 0) return answerTo(hook, body, secret, signal);
		return { kind: "unreachable", detail: `${described}: no hook may send the header ${refused.join(", ")}` };
	}

	async function answerTo(
		hook: Hook,
		body: HookBody,
		secret: Readonly<Record<string, string>>,
		signal: AbortSignal,
	): Promise<HookAnswer> {
		const request = hookRequest(hook, body, secret);
		return readHook(await send(request, signal), request);
	}
}

function describeSecret({ namespace, name }: SecretRef): string {
	return describeRef({ apiVersion: "v1", kind: "Secret", namespace, name });
}
