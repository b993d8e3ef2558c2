import { createHash } from "node:crypto";
import { z } from "zod";
import { NOTICES_MAX, Notice } from "../../api/canary-status.ts";
import { type Instant, instantOf, timestamp } from "../../domain/instant.ts";
import type { KubeObject } from "../../domain/kube-object.ts";
import { imageReasons } from "../../notify/image-reasons.ts";
import type { Told } from "../decide/situation.ts";
import type { Source } from "./sources.ts";

/** Keeps what a workload that asks by annotations has to tell, beside its records. */
export const NOTICES_ANNOTATION = "haldane.dev/image-notices";

/** What is older was told, or is no news any more. */
export const NOTICE_AGE_MS_MAX = 600_000;
const MESSAGE_LENGTH_MAX = 1_024;
const TEXT_LENGTH_MAX = 64 * 1_024;

const Notices = z.array(Notice).max(NOTICES_MAX);

/** Notices of what was decided. Ids follow from what is told and when, so that it is the same notice whenever it is told again. */
export function noticesOf(told: readonly Told[], now: Instant): readonly Notice[] {
	const at = timestamp(now);
	return told.map(({ reason, message }) => {
		const { type, severity } = imageReasons[reason];
		const text = message.slice(0, MESSAGE_LENGTH_MAX);
		return { id: idOf(`${at} ${reason} ${text}`), reason, type, severity, message: text, at };
	});
}

/** The notice of what is wrong: the same one as long as it is wrong in the same way. */
export function complaintOf(complaint: Told, about: KubeObject, now: Instant): Notice {
	const { message } = complaint;
	const [notice] = noticesOf([complaint], now) as [Notice];
	return { ...notice, id: idOf(`${about.metadata.uid} ${about.metadata.generation} ${message}`) };
}

/** What the next process tells again: what is young enough, the latest last. */
export function keptNotices(known: readonly Notice[], now: Instant): readonly Notice[] {
	return known.filter(({ at }) => now - (instantOf(at) ?? 0) < NOTICE_AGE_MS_MAX).slice(-NOTICES_MAX);
}

/** Notices that were written with the record; what cannot be read is none. */
export function noticesIn(source: Source, { metadata: { annotations } }: KubeObject): readonly Notice[] {
	if (source.kind === "policy") return source.policy.status?.notices ?? [];
	const text = annotations?.[NOTICES_ANNOTATION];
	if (typeof text !== "string" || text.length > TEXT_LENGTH_MAX) return [];
	try {
		return Notices.safeParse(JSON.parse(text)).data ?? [];
	} catch {
		// Somebody edited it: what happened is still in the records.
		return [];
	}
}

function idOf(text: string): string {
	return `i${createHash("sha256").update(text).digest("hex").slice(0, 16)}`;
}
