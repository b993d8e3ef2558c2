import type { OutboundAnswer, OutboundRequest, Send } from "../../../../src/http/request.ts";
import { createRegistryClient } from "../../../../src/updater/image-registry/client.ts";
import type { Credentials, Repository } from "../../../../src/updater/image-registry/image-registry.ts";
import type { RegistryObserver } from "../../../../src/updater/image-registry/observed.ts";
import type { RegistrySetting } from "../../../../src/updater/image-registry/settings.ts";
import { FakeClock } from "../../../support/fake-clock.ts";

type Answer = Extract<OutboundAnswer, { kind: "answer" }>;

export const never = new AbortController().signal;

export function answer(
	status: number,
	body: unknown = "",
	headers: Record<string, string> = {},
	change: Partial<Answer> = {},
): Answer {
	const text = typeof body === "string" ? body : JSON.stringify(body);
	return { kind: "answer", status, headers, body: text, truncated: false, ...change };
}

export const unreachable: OutboundAnswer = { kind: "unreachable", detail: "GET https://somewhere: refused" };

/** Answers by rule and keeps every request: `GET https://ghcr.io/v2/acme/shop/tags/list?n=1000`. */
export function scripted(rule: (request: OutboundRequest, line: string) => OutboundAnswer | Promise<OutboundAnswer>) {
	const requests: OutboundRequest[] = [];
	const send: Send = async (request) => {
		requests.push(request);
		return rule(request, `${request.method} ${request.url}`);
	};
	return { send, requests, lines: () => requests.map(({ method, url }) => `${method} ${url}`) };
}

/** A client of a scripted world, under time moved by hand. */
export function clientOf(
	rule: Parameters<typeof scripted>[0],
	{
		registries = [],
		random = () => 1,
		observer,
	}: {
		readonly registries?: readonly RegistrySetting[];
		readonly random?: () => number;
		readonly observer?: RegistryObserver;
	} = {},
) {
	const clock = new FakeClock();
	const world = scripted(rule);
	const ports = { send: world.send, now: () => clock.now(), timers: clock, random, ...(observer ? { observer } : {}) };
	return { ...world, clock, client: createRegistryClient(ports, { registries }) };
}

export function repository(registry: string, path: string, ...credentials: Credentials[]): Repository {
	return { registry, repository: path, credentials };
}

export function setting(host: string, change: Partial<RegistrySetting> = {}): RegistrySetting {
	return { host, plainHttp: false, insecureSkipVerify: false, requestsPerSecond: 10, ...change };
}

export const ghcr: Credentials = { scope: "ghcr.io/acme", username: "someone", password: "open-sesame" };
