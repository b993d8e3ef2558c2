import type { VNode } from "preact";
import { useId, useRef } from "preact/hooks";
import { h } from "./element.ts";

/** Asks for a bearer token. The field is emptied at once; whoever is given the token keeps it in memory and nowhere else. */
export function tokenField({
	does,
	give,
}: {
	/** What the button says. */
	readonly does: string;
	readonly give: (token: string) => void;
}): VNode {
	const id = useId();
	const field = useRef<HTMLInputElement>(null);
	const submit = (event: Event) => {
		event.preventDefault();
		const token = field.current?.value.trim() ?? "";
		if (field.current !== null) field.current.value = "";
		if (token !== "") give(token);
	};
	return h(
		"form",
		{ class: "token", onSubmit: submit },
		h("label", { for: id }, "Bearer token"),
		// No password field: browsers offer to store those.
		h("input", { id, ref: field, class: "secret", autocomplete: "off", spellcheck: false, required: true }),
		h("button", { type: "submit" }, does),
		h("p", { class: "quiet" }, "It is kept until this page is closed or loaded anew, and nowhere else."),
	);
}
