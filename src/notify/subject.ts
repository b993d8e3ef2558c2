import type { CanaryWebhook } from "../api/canary-analysis.ts";
import type { KubeObject } from "../domain/kube-object.ts";
import type { Severity } from "./reasons.ts";

/** What a reader can check at a glance: a title and its value, both plain text. */
export type Fact = readonly [title: string, value: string];

/** What notices are about, with all that is told beside them and to whom. Holds no secret. */
export interface Subject {
	/** The object that Events are about. */
	readonly object: Pick<KubeObject, "apiVersion" | "kind" | "metadata">;
	/** The workload that it is about in turn. */
	readonly target: { readonly kind: string; readonly name: string };
	/** What was going on, as Events name it. */
	readonly action: "Rollout" | "ImageUpdate";
	readonly alerts: readonly {
		readonly severity?: Severity | "" | undefined;
		readonly providerRef: { readonly name: string; readonly namespace?: string | undefined };
	}[];
	/** Channels that the default alert posts to instead of its own; empty: to its own. */
	readonly channels: readonly string[];
	/** Hooks that are called with every notice. */
	readonly eventHooks: readonly CanaryWebhook[];
	/** Where it stands, in one word. */
	readonly phase: string;
	/** What identifies the revision to event hooks; empty where there is none. */
	readonly checksum: string;
	/** The revision under test, or the last that was. */
	readonly revision: string | undefined;
	/** In reading order: where it stands, what was measured, what comes next. */
	readonly facts: readonly Fact[];
}
