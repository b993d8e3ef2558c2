import { parseImageReference, repositoryKey, withTag } from "../image-reference.ts";
import type { NewImage } from "./edit.ts";

/** The image as the file is to have it: by the name that the file uses. */
export type ImageText = { readonly ok: true; readonly text: string } | { readonly ok: false; readonly problem: string };

/** Whether the wanted image is pinned by its digest. */
export function isPinned({ image }: NewImage): boolean {
	return image.includes("@");
}

/** Whether the name means the repository of that image. */
export function isOfRepository(name: string, { image }: NewImage): boolean {
	const one = parseImageReference(name);
	const other = parseImageReference(image);
	return one.ok && other.ok && repositoryKey(one.reference) === repositoryKey(other.reference);
}

/** Name, tag and digest in one text, in place of what is there. Another image than the workload's is a mistake to be told. */
export function imageText(present: string, image: NewImage): ImageText {
	const parsed = parseImageReference(present);
	if (!parsed.ok) return { ok: false, problem: `is no image: ${parsed.problem}` };
	if (!isOfRepository(present, image))
		return { ok: false, problem: `is ${parsed.reference.name}, while the workload runs ${image.from}` };
	return { ok: true, text: withTag(parsed.reference, image.tag, isPinned(image) ? image.digest : undefined) };
}
