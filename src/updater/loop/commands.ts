import type { ImageRecord } from "../../api/image-record.ts";
import type { KubeObject } from "../../domain/kube-object.ts";
import { isTag } from "../image-reference.ts";

/**
 * What a person asks the updater for, on the ImagePolicy, or on a workload that asks by annotations:
 * `forget:TAG@ID`, `forget:CONTAINER/TAG@ID`; the tag `*` is all of them. Who may write the object may command it.
 */
export const IMAGE_COMMAND_ANNOTATION = "haldane.dev/command";

/** Tags that failed or were rejected may be chosen again. */
export interface ForgetCommand {
	readonly verb: "forget";
	/** Name of a container or image volume; undefined for every image of the workload. */
	readonly container: string | undefined;
	/** Undefined for every tag. */
	readonly tag: string | undefined;
	/** The whole text: it tells one command from another. */
	readonly id: string;
}

/** As much as a status keeps of the command that was obeyed last. */
const LENGTH_MAX = 253;

/** The text that `pendingImageCommand` reads. `unique` tells commands of one moment apart. */
export function forgetText({ container, tag }: Omit<ForgetCommand, "verb" | "id">, unique: string): string {
	return `forget:${container === undefined ? "" : `${container}/`}${tag ?? "*"}@${unique}`;
}

/** The command that was not obeyed yet; undefined when there is none, or none that can be understood. */
export function pendingImageCommand(
	{ metadata: { annotations } }: KubeObject,
	lastHandled: string | undefined,
): ForgetCommand | undefined {
	const id = annotations?.[IMAGE_COMMAND_ANNOTATION];
	if (typeof id !== "string" || id.length > LENGTH_MAX || id === lastHandled) return undefined;
	const [, container, tag = ""] = /^forget:(?:([a-z0-9][a-z0-9.-]*)\/)?([^/@]+)@\S+$/.exec(id) ?? [];
	if (tag !== "*" && !isTag(tag)) return undefined;
	return { verb: "forget", container, tag: tag === "*" ? undefined : tag, id };
}

/** The records without what is to be forgotten. */
export function withoutForgotten(
	records: readonly ImageRecord[],
	{ container, tag }: Pick<ForgetCommand, "container" | "tag">,
): readonly ImageRecord[] {
	const stays = (one: { readonly tag: string }) => tag !== undefined && one.tag !== tag;
	return records.map((record) => {
		if (container !== undefined && record.container !== container) return record;
		const { failed, rejected, ...rest } = record;
		return {
			...rest,
			...(failed === undefined ? {} : { failed: failed.filter(stays) }),
			...(rejected === undefined ? {} : { rejected: rejected.filter(stays) }),
		};
	});
}
