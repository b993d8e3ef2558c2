import { render, type VNode } from "preact";
import { useEffect, useState } from "preact/hooks";
import { canaryPage } from "./canary.ts";
import { type Client, type Connection, createClient, takeToken } from "./client.ts";
import { h } from "./element.ts";
import { imagesAt, imagesPage } from "./images/page.ts";
import { overview } from "./overview.ts";
import { emptyWorld, imagesUnder, keyOf, taken, type World } from "./state.ts";
import { tokenField } from "./token.ts";

const connections: Readonly<Record<Connection, string>> = {
	connecting: "○ Connecting",
	live: "● Live",
	broken: "◌ Connection lost, trying again",
	refused: "✕ Refused",
};

const CURRENT = { "aria-current": "page" };

interface Standing {
	readonly now: Connection;
	readonly detail: string;
	readonly wantsBearer: boolean;
}

function Page({ client }: { readonly client: Client }): VNode {
	const [world, setWorld] = useState<World | undefined>(undefined);
	const [connection, setConnection] = useState<Standing>({ now: "connecting", detail: "", wantsBearer: false });
	/** Grows by one with each token that is tried. */
	const [attempt, setAttempt] = useState(0);
	const [path, setPath] = useState(location.hash);
	const [now, setNow] = useState(Date.now());
	useEffect(() => {
		void client.follow(
			(event) => setWorld((known) => taken(known ?? emptyWorld, event)),
			(state, detail, wantsBearer = false) =>
				setConnection((known) =>
					known.now === state && known.detail === detail ? known : { now: state, detail, wantsBearer },
				),
		);
	}, [client, attempt]);
	useEffect(() => {
		const moved = () => {
			setPath(location.hash);
			document.querySelector<HTMLElement>("main")?.focus();
			window.scrollTo(0, 0);
		};
		window.addEventListener("hashchange", moved);
		const ticking = setInterval(() => setNow(Date.now()), 1_000);
		return () => {
			window.removeEventListener("hashchange", moved);
			clearInterval(ticking);
		};
	}, []);
	const [, namespace, name] = /^#\/canaries\/([^/]+)\/([^/]+)$/.exec(path) ?? [];
	const shown = namespace === undefined || name === undefined ? undefined : keyOf({ namespace, name });
	const imagesOf = imagesAt(path);
	const title = shown ?? (imagesOf === null ? "Canaries" : "Images");
	useEffect(() => {
		document.title = `${title} – Haldane`;
	}, [title]);
	return h(
		"div",
		{ class: "frame" },
		h("a", { class: "skip", href: path || "#/", onClick: toMain }, "To the content"),
		h(
			"header",
			null,
			h("a", { class: "brand", href: "#/" }, "Haldane"),
			h(
				"nav",
				{ "aria-label": "Pages" },
				h("a", { href: "#/", ...(imagesOf === null ? CURRENT : {}) }, "Canaries"),
				h("a", { href: "#/images", ...(imagesOf === null ? {} : CURRENT) }, "Images"),
			),
			h(
				"p",
				{ class: `connection ${connection.now}`, role: "status", title: connection.detail },
				connections[connection.now],
			),
		),
		h("main", { tabIndex: -1, id: "main" }, body()),
	);

	function retryWith(token: string) {
		client.useBearer(token);
		setConnection({ now: "connecting", detail: "", wantsBearer: false });
		setAttempt((before) => before + 1);
	}

	function body() {
		if (connection.now === "refused") {
			const field = connection.wantsBearer ? h(tokenField, { does: "Look", give: retryWith }) : null;
			return h("div", null, h(Sentence, { title: "No access", text: connection.detail }), field);
		}
		if (world === undefined) {
			const text = connection.now === "broken" ? "The dashboard does not answer; is it still running?" : "Loading…";
			return h(Sentence, { title, text });
		}
		if (imagesOf !== null) return h(imagesPage, { client, world, workload: imagesOf, now });
		const summary = shown === undefined ? undefined : world.canaries.get(shown);
		if (shown === undefined) return overview(world, now);
		if (summary === undefined) {
			return h(Sentence, {
				title: shown,
				text: `There is no Canary ${shown} now. The overview shows those there are.`,
			});
		}
		const series = [...(world.series.get(shown)?.values() ?? [])];
		return h(canaryPage, { key: shown, client, summary, now, series, images: imagesUnder(world, summary) });
	}
}

function toMain(event: Event): void {
	event.preventDefault();
	document.querySelector<HTMLElement>("main")?.focus();
}

function Sentence({ title, text }: { readonly title: string; readonly text: string }): VNode {
	return h("section", { class: "card" }, h("h1", null, title), h("p", null, text));
}

const token = takeToken();
const root = document.getElementById("page");
if (root !== null) render(h(Page, { client: createClient(token) }), root);
