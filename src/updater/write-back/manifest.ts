import { podSpecPath } from "../workload.ts";
import type { Changes, NewImage, WorkloadToEdit } from "./edit.ts";
import { imageText } from "./image-text.ts";
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

const lists = { container: "containers", initContainer: "initContainers", imageVolume: "volumes" } as const;

/** The images of the one workload of that kind and name in the file, alone or in a List. */
export function manifestChanges(yaml: YamlText, workload: WorkloadToEdit, images: readonly NewImage[]): Changes {
	const { kind, namespace, name } = workload;
	const called = `${kind} ${namespace}/${name}`;
	const named = objectsIn(yaml).filter(
		(place) => at(yaml, place, "kind") === kind && at(yaml, place, "metadata", "name") === name,
	);
	const inNamespace = (wanted: string | undefined) =>
		named.filter((place) => at(yaml, place, "metadata", "namespace") === wanted);
	// A manifest often leaves the namespace to whoever applies it.
	const own = inNamespace(namespace).length > 0 ? inNamespace(namespace) : inNamespace(undefined);
	const [object] = own;
	if (object === undefined) return { ok: false, problem: `${yaml.file} has no ${called}` };
	if (own.length > 1) return { ok: false, problem: `${yaml.file} has ${called} ${own.length} times; keep one` };
	const changes: ValueChange[] = [];
	for (const image of images) {
		const found = imagePlace(yaml, inner(object, ...podSpecPath(kind), lists[image.role]), image);
		if (!found.ok) return found;
		const { place } = found;
		const looked = find(yaml, place);
		if (looked.kind === "problem") return { ok: false, problem: looked.problem };
		const wanted = imageText(textAt(yaml, place) ?? "", image);
		if (!wanted.ok) return { ok: false, problem: `${placeText(yaml, place)} ${wanted.problem}` };
		changes.push({ place, value: wanted.text });
	}
	return { ok: true, changes };
}

function imagePlace(yaml: YamlText, list: Place, image: NewImage) {
	const looked = find(yaml, list);
	if (looked.kind === "problem") return { ok: false, problem: looked.problem } as const;
	const items = Array.from({ length: lengthAt(yaml, list) }, (_, index) => inner(list, index));
	const named = items.filter((item) => at(yaml, item, "name") === image.name);
	const [item] = named;
	const where = placeText(yaml, list);
	if (item === undefined) {
		const names = namesText(items.map((one) => at(yaml, one, "name") ?? "?"));
		return { ok: false, problem: `${where} has no '${image.name}'; it has ${names}` } as const;
	}
	if (named.length > 1) return { ok: false, problem: `${where} has '${image.name}' ${named.length} times` } as const;
	const field = image.role === "imageVolume" ? ["image", "reference"] : ["image"];
	return { ok: true, place: inner(item, ...field) } as const;
}

/** The objects of the file: its documents, and what is in those that are Lists. */
function objectsIn(yaml: YamlText): readonly Place[] {
	return yaml.documents.flatMap((_, document): readonly Place[] => {
		const root = { document, path: [] };
		const items = inner(root, "items");
		return /^\w*List$/.test(at(yaml, root, "kind") ?? "")
			? Array.from({ length: lengthAt(yaml, items) }, (_, index) => inner(items, index))
			: [root];
	});
}

function inner({ document, path }: Place, ...steps: readonly (string | number)[]): Place {
	return { document, path: [...path, ...steps] };
}

function at(yaml: YamlText, place: Place, ...steps: readonly string[]): string | undefined {
	return textAt(yaml, inner(place, ...steps));
}
