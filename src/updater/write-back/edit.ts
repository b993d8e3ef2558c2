import type { GitWriteBack } from "../../api/image-policy/git-write-back.ts";
import type { WorkloadImage, WorkloadKind } from "../workload.ts";
import { helmChanges } from "./helm.ts";
import { kustomizeChanges } from "./kustomize.ts";
import { manifestChanges } from "./manifest.ts";
import { type Edited, placeText, readYaml, replaceValues, type ValueChange, type YamlText } from "./yaml-text.ts";

/** One image as it is to be written, and what it comes from. */
export interface NewImage extends WorkloadImage {
	/** The image that it replaces. */
	readonly from: string;
	readonly tag: string;
	/** What the tag points at; it is in `image` only when that is pinned. */
	readonly digest: string;
	readonly why: string;
}

export interface WorkloadToEdit {
	readonly kind: WorkloadKind;
	readonly namespace: string;
	readonly name: string;
}

/** Where the values of images are in a file, with what they are to become; or why that can't be said. */
export type Changes =
	| { readonly ok: true; readonly changes: readonly ValueChange[] }
	| { readonly ok: false; readonly problem: string };

export interface Edit {
	readonly spec: Pick<GitWriteBack, "path" | "manifest" | "kustomize" | "helm">;
	readonly workload: WorkloadToEdit;
	readonly images: readonly NewImage[];
}

/** The file that the spec is about, from the repository's root. */
export function fileOf({ path, manifest, kustomize, helm }: Edit["spec"]): string {
	const file = (manifest ?? kustomize ?? helm)?.file ?? "";
	const parts = [...(path ?? "").split("/"), ...file.split("/")];
	return parts.filter((part) => part !== "" && part !== ".").join("/");
}

/** Puts the images into the text of the file. Only the characters of the values change; never throws. */
export function editYaml(text: string, edit: Edit): Edited {
	const read = readYaml(fileOf(edit.spec), text);
	if (!read.ok) return read;
	const found = changesIn(read.yaml, edit);
	if (!found.ok) return found;
	const { changes } = found;
	const clash = changes.find((one) => changes.some((other) => isSamePlace(one, other) && one.value !== other.value));
	if (clash !== undefined)
		return { ok: false, problem: `${placeText(read.yaml, clash.place)} would have to be two things at once` };
	const once = changes.filter((one, index) => !changes.slice(0, index).some((other) => isSamePlace(one, other)));
	return replaceValues(read.yaml, once);
}

function changesIn(yaml: YamlText, { spec, workload, images }: Edit): Changes {
	if (spec.kustomize !== undefined) return kustomizeChanges(yaml, images);
	if (spec.helm !== undefined) return helmChanges(yaml, spec.helm.values, images);
	return manifestChanges(yaml, workload, images);
}

/** Images of one name share their entry in a kustomization. */
function isSamePlace({ place: one }: ValueChange, { place: other }: ValueChange): boolean {
	return one.document === other.document && one.path.join("\0") === other.path.join("\0");
}
