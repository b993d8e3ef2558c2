import type { Notice } from "../api/canary-status.ts";
import { reasonTitle, type Severity } from "./reasons.ts";
import type { Fact, Subject } from "./subject.ts";

/** A notice with all that people want to know beside it; what every notifier renders. Holds no secret. */
export interface Announcement {
	/** Unique in the world, and the same when told again. */
	readonly id: string;
	/** The object that it is about. */
	readonly about: { readonly kind: string; readonly namespace: string; readonly name: string };
	readonly target: { readonly kind: string; readonly name: string };
	readonly reason: string;
	readonly type: "Normal" | "Warning";
	readonly severity: Severity;
	readonly message: string;
	/** RFC 3339. */
	readonly at: string;
	/** The revision under test, or the last that was. */
	readonly revision: string | undefined;
	/** In reading order: where it stands, what was measured, what comes next. */
	readonly facts: readonly Fact[];
	readonly clusterName: string | undefined;
}

/** What to tell about a notice. The message is the notice's, as recorded. */
export function announcementFor(
	{ object, target, revision, facts }: Subject,
	notice: Notice,
	{ clusterName }: { readonly clusterName?: string | undefined } = {},
): Announcement {
	const { namespace = "default", name, uid } = object.metadata;
	return {
		id: `${uid ?? `${namespace}.${name}`}.${notice.id}`,
		about: { kind: object.kind, namespace, name },
		target,
		reason: notice.reason,
		type: notice.type,
		severity: notice.severity ?? "info",
		message: notice.message,
		at: notice.at,
		revision,
		facts,
		clusterName,
	};
}

/** One line that says what happened where. */
export function headline({ reason, about }: Announcement): string {
	return `${reasonTitle(reason)}: ${about.namespace}/${about.name}`;
}
