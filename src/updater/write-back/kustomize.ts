import type { Changes, NewImage } from "./edit.ts";
import { isOfRepository, isPinned } from "./image-text.ts";
import {
	find,
	lengthAt,
	namesText,
	type Place,
	placeText,
	textAt,
	type ValueChange,
	type YamlText,
} from "./yaml-text.ts";

/** The tags of a kustomization's `images`, and the digests where images are pinned. Entries are found by the name that they lead to. */
export function kustomizeChanges(yaml: YamlText, images: readonly NewImage[]): Changes {
	const list: Place = { document: 0, path: ["images"] };
	const looked = find(yaml, list);
	if (looked.kind === "problem") return { ok: false, problem: looked.problem };
	const entries = Array.from({ length: lengthAt(yaml, list) }, (_, index) => {
		const at = (field: string): Place => ({ document: 0, path: ["images", index, field] });
		return { at, name: textAt(yaml, at("newName")) ?? textAt(yaml, at("name")) ?? "" };
	});
	const where = placeText(yaml, list);
	const changes: ValueChange[] = [];
	for (const image of images) {
		const matching = entries.filter(({ name }) => isOfRepository(name, image));
		const [entry] = matching;
		if (entry === undefined) {
			const names = namesText(entries.map(({ name }) => name));
			return { ok: false, problem: `${where} has none that becomes ${image.from}; it has ${names}` };
		}
		if (matching.length > 1)
			return { ok: false, problem: `${where} has ${matching.length} that become ${image.from}; keep one` };
		const digest = entry.at("digest");
		if (!isPinned(image) && find(yaml, digest).kind !== "none") {
			const mend = "remove it, or set pinDigest in the ImagePolicy";
			return { ok: false, problem: `${placeText(yaml, digest)} says what the image is, whatever its tag; ${mend}` };
		}
		changes.push({ place: entry.at("newTag"), value: image.tag });
		if (isPinned(image)) changes.push({ place: digest, value: image.digest });
	}
	return { ok: true, changes };
}
