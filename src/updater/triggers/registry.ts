import { azure } from "./azure.ts";
import { distribution } from "./distribution.ts";
import { dockerhub } from "./dockerhub.ts";
import { gcr } from "./gcr.ts";
import { gitea } from "./gitea.ts";
import { github } from "./github.ts";
import { gitlab } from "./gitlab.ts";
import { harbor } from "./harbor.ts";
import { jfrog } from "./jfrog.ts";
import { native } from "./native.ts";
import { quay } from "./quay.ts";
import type { Trigger } from "./trigger.ts";

/** Every sender that is understood, by the last word of its webhook's path. */
export const triggers = {
	native,
	dockerhub,
	quay,
	azure,
	github,
	harbor,
	jfrog,
	registry: distribution,
	gitlab,
	gitea,
	gcr,
} as const satisfies Record<string, Trigger>;

export type TriggerName = keyof typeof triggers;
