import { parseImagePolicy } from "../api/image-policy.ts";
import type { KubeObject } from "../domain/kube-object.ts";
import type { Fact, Subject } from "./subject.ts";

/** Annotations that say where the release notes are, the first wins. */
const RELEASE_NOTES = ["haldane.dev/releaseNotes", "keel.sh/releaseNotes"] as const;

/** What notices about images are about: an ImagePolicy with its target, or a workload that asks by annotations. */
export function imageSubject(object: KubeObject): Subject {
	const parsed = object.kind === "ImagePolicy" ? parseImagePolicy(object) : undefined;
	const spec = parsed?.ok ? parsed.policy.spec : undefined;
	const annotated = RELEASE_NOTES.map((key) => object.metadata.annotations?.[key]).find((url) => url !== undefined);
	const releaseNotes = spec === undefined ? annotated : spec.releaseNotes;
	const facts: readonly Fact[] = releaseNotes === undefined ? [] : [["Release notes", releaseNotes]];
	return {
		object,
		target: spec?.targetRef ?? { kind: object.kind, name: object.metadata.name },
		action: "ImageUpdate",
		alerts: spec?.alerts ?? [],
		eventHooks: [],
		phase: "",
		checksum: "",
		revision: undefined,
		facts,
	};
}
