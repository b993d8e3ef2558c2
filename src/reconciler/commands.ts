import type { Canary } from "../api/canary.ts";
import { type Command, commandVerbs } from "./decide/situation.ts";

/** On the Canary: what a person asks for, `verb@id`. Who may write it is said by RBAC on canaries. */
export const COMMAND_ANNOTATION = "haldane.dev/command";

/** The command that has not been obeyed yet; undefined when there is none, or none that we know. */
export function pendingCommand(canary: Canary): Command | undefined {
	const id = canary.metadata.annotations?.[COMMAND_ANNOTATION];
	if (id === undefined || id === canary.status?.lastHandledCommand) return undefined;
	const verb = commandVerbs.find((known) => id === known || id.startsWith(`${known}@`));
	return verb && { verb, id };
}
