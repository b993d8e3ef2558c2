import type { VNode } from "preact";
import { useRef, useState } from "preact/hooks";
import type { Summary, Verb } from "../server/dashboard/wire.ts";
import { type Client, Refused } from "./client.ts";
import { h } from "./element.ts";
import { tokenField } from "./token.ts";

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

/** The buttons for what makes sense now; each asks before it acts. */
export function actions({ client, summary }: { readonly client: Client; readonly summary: Summary }): VNode {
	const dialog = useRef<HTMLDialogElement>(null);
	const [asked, setAsked] = useState<Verb | undefined>(undefined);
	const [told, setTold] = useState("");
	/** What waits for a bearer token. */
	const [waiting, setWaiting] = useState<Verb | undefined>(undefined);
	const { namespace, name, verbs } = summary;
	const open = (verb: Verb) => {
		setAsked(verb);
		dialog.current?.showModal();
	};
	const act = async (verb: Verb) => {
		setTold(`${titles[verb]}…`);
		setWaiting(undefined);
		try {
			setTold((await client.act(verb, namespace, name)).message);
		} catch (thrown) {
			setTold(`It could not be done: ${thrown instanceof Error ? thrown.message : String(thrown)}`);
			if (thrown instanceof Refused && thrown.wantsBearer) setWaiting(verb);
		}
	};
	const confirm = (event: Event) => {
		event.preventDefault();
		dialog.current?.close();
		if (asked !== undefined) void act(asked);
	};
	const useToken = (token: string) => {
		client.useBearer(token);
		if (waiting !== undefined) void act(waiting);
	};
	return h(
		"section",
		{ class: "actions", "aria-label": "Actions" },
		verbs.length === 0 ? h("p", { class: "quiet" }, "Nothing to act on in this phase.") : null,
		verbs.map((verb) => h("button", { type: "button", key: verb, onClick: () => open(verb) }, titles[verb])),
		h("p", { role: "status" }, told),
		waiting === undefined ? null : h(tokenField, { does: `${titles[waiting]} with this token`, give: useToken }),
		h(
			"dialog",
			{ ref: dialog, "aria-labelledby": "dialog-title", "aria-describedby": "dialog-text" },
			h("h2", { id: "dialog-title" }, asked === undefined ? "" : `${titles[asked]} ${namespace}/${name}?`),
			h("p", { id: "dialog-text" }, asked === undefined ? "" : consequence(asked, summary)),
			h(
				"div",
				{ class: "buttons" },
				h("button", { type: "button", onClick: () => dialog.current?.close() }, "Cancel"),
				h("button", { type: "button", class: "primary", onClick: confirm }, asked === undefined ? "" : titles[asked]),
			),
		),
	);
}
