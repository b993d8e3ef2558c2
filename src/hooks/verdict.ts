import { redact } from "../http/redact.ts";
import type { OutboundAnswer, OutboundRequest } from "../http/request.ts";
import type { HookAnswer } from "./hook.ts";

const EXCERPT_LENGTH_MAX = 200;

/** What the answer means: every 2xx is a yes, every other status a no in the receiver's own words. */
export function readHook(answer: OutboundAnswer, request: OutboundRequest): HookAnswer {
	if (answer.kind === "unreachable") return answer;
	if (answer.status >= 200 && answer.status <= 299) return { kind: "yes" };
	const words = excerpt(redact(answer.body, request));
	return { kind: "no", detail: words === "" ? `HTTP ${answer.status}` : `HTTP ${answer.status}: ${words}` };
}

/** One line, without control characters, that ends on a whole character. */
function excerpt(text: string): string {
	const line = text.replace(/[\s\p{Cc}]+/gu, " ").trim();
	const characters = [...line];
	return characters.length <= EXCERPT_LENGTH_MAX ? line : `${characters.slice(0, EXCERPT_LENGTH_MAX).join("")}…`;
}
