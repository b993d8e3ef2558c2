import type { VNode } from "preact";
import { useId, useRef, useState } from "preact/hooks";
import { type Client, Refused } from "./client.ts";
import { h } from "./element.ts";
import { tokenField } from "./token.ts";

/** Something that a person can do. */
export interface Deed {
	readonly id: string;
	/** On its button: one word or two. */
	readonly title: string;
	/** What it is done to. */
	readonly of: string;
	/** What will happen, as the confirmation says it. */
	readonly consequence: string;
	act(): Promise<{ readonly message: string }>;
}

/** The buttons; each asks before it acts, says how it went, and asks for a bearer token where that is wanted. */
export function deeds({ client, deeds: given }: { readonly client: Client; readonly deeds: readonly Deed[] }): VNode {
	const id = useId();
	const dialog = useRef<HTMLDialogElement>(null);
	const [asked, setAsked] = useState<Deed | undefined>(undefined);
	const [told, setTold] = useState("");
	/** What waits for a bearer token. */
	const [waiting, setWaiting] = useState<Deed | undefined>(undefined);
	const open = (deed: Deed) => {
		setAsked(deed);
		dialog.current?.showModal();
	};
	const act = async (deed: Deed) => {
		setTold(`${deed.title}…`);
		setWaiting(undefined);
		try {
			setTold((await deed.act()).message);
		} catch (thrown) {
			setTold(`It could not be done: ${thrown instanceof Error ? thrown.message : String(thrown)}`);
			if (thrown instanceof Refused && thrown.wantsBearer) setWaiting(deed);
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
	const isIdle = given.length === 0 && told === "" && waiting === undefined;
	return h(
		"div",
		{ class: "deeds", hidden: isIdle },
		given.map((deed) => h("button", { type: "button", key: deed.id, onClick: () => open(deed) }, deed.title)),
		h("p", { role: "status" }, told),
		waiting === undefined ? null : h(tokenField, { does: `${waiting.title} with this token`, give: useToken }),
		h(
			"dialog",
			{ ref: dialog, "aria-labelledby": `${id}-title`, "aria-describedby": `${id}-text` },
			h("h2", { id: `${id}-title` }, asked === undefined ? "" : `${asked.title} ${asked.of}?`),
			h("p", { id: `${id}-text` }, asked?.consequence ?? ""),
			h(
				"div",
				{ class: "buttons" },
				h("button", { type: "button", onClick: () => dialog.current?.close() }, "Cancel"),
				h("button", { type: "button", class: "primary", onClick: confirm }, asked?.title ?? ""),
			),
		),
	);
}
