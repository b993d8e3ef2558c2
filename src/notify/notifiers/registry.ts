import type { Notifier } from "./notifier.ts";
import { slack } from "./slack.ts";
import { webhook } from "./webhook.ts";

/** Every notifier, by the `type` that an AlertProvider names it with. */
export const notifiers = { slack, webhook } as const satisfies Record<string, Notifier>;

export type NotifierType = keyof typeof notifiers;

/** The notifier of a type; undefined for a name that is not in the registry. */
export function notifierOf(type: string): Notifier | undefined {
	return Object.hasOwn(notifiers, type) ? notifiers[type as NotifierType] : undefined;
}
