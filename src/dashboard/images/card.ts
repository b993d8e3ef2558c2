import type { VNode } from "preact";
import type { ImageLine } from "../../server/dashboard/wire.ts";
import type { Client } from "../client.ts";
import { type Deed, deeds } from "../deeds.ts";
import { h } from "../element.ts";
import { imagesLink } from "../parts.ts";
import { workloadOf } from "../state.ts";
import { ageText } from "../time.ts";
import { imageConsequence, nextText, partsOf, shortDigest, states } from "./words.ts";

interface Given {
	readonly client: Client;
	readonly line: ImageLine;
	readonly now: number;
}

/** One image: where it stands, why, what comes next, and what can be done about it. */
export function imageCard({ client, line, now }: Given): VNode {
	const { kind, namespace, name, container, role, askedBy, policy, canary, why, problem, chosen } = line;
	const by = askedBy.kind === "ImagePolicy" ? `ImagePolicy ${askedBy.name}` : "annotations";
	const what = [...(policy === "" ? [] : [policy]), by].join(", by ");
	return h(
		"article",
		{ class: "card image", "aria-label": `${kind} ${namespace}/${name} ${container}` },
		h(
			"div",
			{ class: "head" },
			h(
				"h2",
				null,
				h("a", { href: imagesLink(workloadOf(line)) }, h("span", { class: "quiet" }, `${namespace}/`), name),
				h("span", { class: "quiet" }, ` ${kind}${container === "" ? "" : ` · ${roleWord(role)}${container}`}`),
			),
			stateBadge(line, now),
		),
		h(
			"div",
			{ class: "columns" },
			h(
				"div",
				null,
				line.image === "" ? null : h("p", { class: "images" }, change(line)),
				h("p", { class: "message" }, h("span", { class: "quiet" }, "Next: "), nextText(line, now)),
				problem === undefined ? null : h("p", { class: "message trouble" }, h("strong", null, "Problem: "), problem),
				line.approvals === undefined || line.approvals.given.length === 0
					? null
					: h(
							"p",
							{ class: "message" },
							h("span", { class: "quiet" }, "Approved by "),
							line.approvals.given.join(", "),
						),
				h(deeds, { client, deeds: sayings(client, line) }),
			),
			h(
				"div",
				null,
				reason("Chosen because it is", chosen === undefined ? "" : chosen.why),
				reason("Last look", why),
				h(
					"div",
					{ class: "memories" },
					memory(
						"Passed over",
						line.passedOver.map((one) => ({ ...one, digest: undefined })),
						client,
						line,
						now,
					),
					memory(
						"Rolled back",
						line.failed.map((one) => ({ ...one, why: `was rolled back: ${one.why}` })),
						client,
						line,
						now,
					),
					memory(
						"Rejected",
						line.rejected.map(({ by: who, ...one }) => ({
							...one,
							why: who === undefined ? "was not approved in time" : `was rejected by ${who}`,
						})),
						client,
						line,
						now,
					),
				),
				h(
					"p",
					{ class: "quiet message" },
					what,
					line.lastScan === undefined ? "" : ` · looked up ${ageText(line.lastScan, now)} ago`,
					canary === undefined ? null : " · ",
					canary === undefined ? null : h("a", { href: `#/canaries/${namespace}/${canary}` }, `Canary ${canary}`),
				),
			),
		),
	);
}

function roleWord(role: ImageLine["role"]): string {
	return { container: "", initContainer: "init container ", imageVolume: "volume " }[role];
}

function stateBadge({ state, chosen }: ImageLine, now: number): VNode {
	const [word, sign, tone] = states[state];
	const isOfChosen = chosen !== undefined && state !== "Problem" && state !== "Suspended";
	return h(
		"p",
		null,
		h("span", { class: `badge ${tone}` }, h("span", { "aria-hidden": true }, `${sign} `), word),
		h("span", { class: "quiet" }, isOfChosen ? ` for ${ageText(chosen.at, now)}` : ""),
	);
}

/** The tag that the workload has, and the one that was chosen, with its content. */
function change({ image, chosen }: ImageLine): readonly VNode[] {
	const { repository, tag } = partsOf(image);
	const current = [h("span", { class: "quiet" }, `${repository}:`), h("strong", null, tag === "" ? "latest" : tag)];
	if (chosen === undefined) return current;
	const digest = h("code", { class: "quiet", title: chosen.digest }, ` ${shortDigest(chosen.digest)}`);
	if (chosen.tag === tag) return [...current, digest];
	return [...current, h("span", { class: "quiet" }, " → "), h("strong", null, chosen.tag), digest];
}

function reason(title: string, text: string): VNode | null {
	return text === "" ? null : h("p", { class: "message" }, h("span", { class: "quiet" }, `${title}: `), text);
}

interface Remembered {
	readonly tag: string;
	readonly why: string;
	readonly digest?: string | undefined;
	/** Absent for what is not remembered, only seen. */
	readonly at?: string;
}

function memory(
	title: string,
	tags: readonly Remembered[],
	client: Client,
	line: ImageLine,
	now: number,
): VNode | null {
	if (tags.length === 0) return null;
	return h(
		"details",
		null,
		h("summary", null, `${title} (${tags.length})`),
		h(
			"ul",
			null,
			tags.map(({ tag, why, digest, at }) =>
				h(
					"li",
					{ key: `${tag} ${digest}` },
					h(
						"p",
						{ class: "message" },
						h("strong", null, tag),
						` ${why}`,
						at === undefined ? "" : `, ${ageText(at, now)} ago`,
					),
					at === undefined ? null : h(deeds, { client, deeds: [forgetting(client, line, { tag, digest })] }),
				),
			),
		),
	);
}

/** What can be said of the image that waits for approval. */
function sayings(client: Client, line: ImageLine): readonly Deed[] {
	const { chosen, state } = line;
	if (chosen === undefined || state !== "AwaitingApproval") return [];
	const { tag, digest } = chosen;
	const given = { tag, digest };
	const titles = { approve: "Approve", reject: "Reject" } as const;
	return (["approve", "reject"] as const).map((verb) => ({
		id: verb,
		title: titles[verb],
		of: `${tag} for ${line.namespace}/${line.name}`,
		consequence: imageConsequence(verb, line, given),
		act: () => client.actOnImage(verb, line, given),
	}));
}

function forgetting(client: Client, line: ImageLine, remembered: Pick<Remembered, "tag" | "digest">): Deed {
	const { tag, digest } = remembered;
	return {
		id: "forget",
		title: "Forget",
		of: `${tag} of ${line.namespace}/${line.name}`,
		consequence: imageConsequence("forget", line, { tag, digest }),
		act: () => client.actOnImage("forget", line, { tag, ...(digest === undefined ? {} : { digest }) }),
	};
}
