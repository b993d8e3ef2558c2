import type { GitWriteBack } from "../../api/image-policy/git-write-back.ts";
import type { Changes, NewImage } from "./edit.ts";
import { imageText, isOfRepository, isPinned } from "./image-text.ts";
import { find, type Place, placeText, textAt, type ValueChange, type YamlText } from "./yaml-text.ts";

type HelmValue = NonNullable<GitWriteBack["helm"]>["values"][number];

/** The values of a chart that images are made of: a whole image, or its tag and digest. */
export function helmChanges(yaml: YamlText, values: readonly HelmValue[], images: readonly NewImage[]): Changes {
	const changes: ValueChange[] = [];
	for (const image of images) {
		const value = values.find(({ container }) => container === image.name);
		if (value === undefined)
			return { ok: false, problem: `spec.writeBack.git.helm.values: has none for '${image.name}'` };
		const found = value.image === undefined ? partsOf(yaml, value, image) : wholeOf(yaml, value.image, image);
		if (!found.ok) return found;
		changes.push(...found.changes);
	}
	return { ok: true, changes };
}

function wholeOf(yaml: YamlText, path: string, image: NewImage): Changes {
	const place = placeOf(path);
	const looked = find(yaml, place);
	if (looked.kind === "problem") return { ok: false, problem: looked.problem };
	if (looked.kind === "none")
		return { ok: false, problem: `${placeText(yaml, place)} is not there; add it once by hand` };
	const wanted = imageText(textAt(yaml, place) ?? "", image);
	if (!wanted.ok) return { ok: false, problem: `${placeText(yaml, place)} ${wanted.problem}` };
	return { ok: true, changes: [{ place, value: wanted.text }] };
}

function partsOf(yaml: YamlText, { tag = "", digest, repository }: HelmValue, image: NewImage): Changes {
	const field = `spec.writeBack.git.helm.values of '${image.name}'`;
	if (isPinned(image) !== (digest !== undefined)) {
		const mend = isPinned(image) ? "pinDigest needs the path of a digest" : "digest needs pinDigest";
		return {
			ok: false,
			problem: `${field}: ${mend}, for otherwise the workload would never show the image as it was chosen`,
		};
	}
	if (repository !== undefined) {
		const place = placeOf(repository);
		const present = textAt(yaml, place);
		if (present === undefined || !isPartOf(present, image))
			return {
				ok: false,
				problem: `${placeText(yaml, place)} is ${present ?? "not there"}, while the workload runs ${image.from}`,
			};
	}
	return {
		ok: true,
		changes: [
			{ place: placeOf(tag), value: image.tag },
			...(digest === undefined ? [] : [{ place: placeOf(digest), value: image.digest }]),
		],
	};
}

/** Charts often keep the registry apart from the name. */
function isPartOf(present: string, image: NewImage): boolean {
	return isOfRepository(present, image) || image.image.replace(/[:@][^/]*$/, "").endsWith(`/${present}`);
}

/** Keys with dots between; numbers are items of lists. */
function placeOf(path: string): Place {
	return { document: 0, path: path.split(".") };
}
