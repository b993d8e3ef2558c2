import { parseImagePolicy } from "../api/image-policy.ts";
import type { KubeObject } from "../domain/kube-object.ts";
import type { Fact, Subject } from "./subject.ts";

/** Annotations that say where the release notes are, and which channels are told; the first wins. */
const RELEASE_NOTES = ["haldane.dev/releaseNotes", "keel.sh/releaseNotes"] as const;
const CHANNELS = ["haldane.dev/notify", "keel.sh/notify"] as const;
const CHANNELS_MAX = 8;

/** What notices about images are about: an ImagePolicy with its target, or a workload that asks by annotations. */
export function imageSubject(object: KubeObject): Subject {
	const parsed = object.kind === "ImagePolicy" ? parseImagePolicy(object) : undefined;
	const spec = parsed?.ok ? parsed.policy.spec : undefined;
	const annotated = (keys: readonly string[]) =>
		keys.map((key) => object.metadata.annotations?.[key]).find((text) => text !== undefined);
	const releaseNotes = spec === undefined ? annotated(RELEASE_NOTES) : spec.releaseNotes;
	const channels = (object.kind === "ImagePolicy" ? "" : (annotated(CHANNELS) ?? ""))
		.split(",")
		.map((channel) => channel.trim())
		.filter((channel) => channel !== "");
	const facts: readonly Fact[] = releaseNotes === undefined ? [] : [["Release notes", releaseNotes]];
	return {
		object,
		target: spec?.targetRef ?? { kind: object.kind, name: object.metadata.name },
		action: "ImageUpdate",
		alerts: spec?.alerts ?? [],
		channels: channels.slice(0, CHANNELS_MAX),
		eventHooks: [],
		phase: "",
		checksum: "",
		revision: undefined,
		facts,
	};
}
