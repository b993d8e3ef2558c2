import type { VNode } from "preact";
import type { Summary, Verb } from "../server/dashboard/wire.ts";
import type { Client } from "./client.ts";
import { deeds } from "./deeds.ts";
import { h } from "./element.ts";

const titles: Readonly<Record<Verb, string>> = {
	pause: "Pause",
	resume: "Resume",
	promote: "Promote",
	abort: "Roll back",
	retry: "Retry",
};

/** What will happen, as the confirmation says it. */
export function consequence(verb: Verb, { name, weight, step, steps }: Summary): string {
	const stands = step === undefined ? "" : ` It stands at step ${step} of ${steps}.`;
	switch (verb) {
		case "pause":
			return `The rollout of ${name} stays where it is: the candidate keeps ${weight} % of the traffic, and nothing is checked until it is resumed.${stands}`;
		case "resume":
			return `The rollout of ${name} goes on from where it is held.${stands}`;
		case "promote":
			return `All further steps and checks are skipped: the primary of ${name} gets the candidate's version, and with it every request.${stands}`;
		case "abort":
			return `The candidate of ${name} loses its ${weight} % of the traffic now, all goes to the primary, and the rollout counts as failed.`;
		case "retry":
			return `The revision of ${name} that failed is rolled out again from the first step.`;
	}
}

/** The buttons for what makes sense for a Canary now. */
export function actions({ client, summary }: { readonly client: Client; readonly summary: Summary }): VNode {
	const { namespace, name, verbs } = summary;
	const given = verbs.map((verb) => ({
		id: verb,
		title: titles[verb],
		of: `${namespace}/${name}`,
		consequence: consequence(verb, summary),
		act: () => client.act(verb, namespace, name),
	}));
	return h(
		"section",
		{ class: "actions", "aria-label": "Actions" },
		verbs.length === 0 ? h("p", { class: "quiet" }, "Nothing to act on in this phase.") : null,
		h(deeds, { client, deeds: given }),
	);
}
