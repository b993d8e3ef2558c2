import { isMap, type Json } from "./json.ts";

/** One field that a manager can own: the way to it, and its value. An item of a keyed list is a step of its own. */
export interface Field {
	readonly path: Path;
	readonly value: unknown;
}

export type Path = readonly string[];

/** Lists that server-side apply merges by key; every other list is one value. */
const KEYED: Readonly<Record<string, readonly string[]>> = {
	"metadata.ownerReferences": ["uid"],
	"Service.spec.ports": ["port", "protocol"],
	"Deployment.spec.template.spec.containers": ["name"],
};

/** Maps that are one value. */
const ATOMIC = new Set(["Service.spec.selector", "Deployment.spec.selector"]);

/** What says which object is meant, and is nobody's field. */
const IDENTITY = new Set(["apiVersion", "kind", "metadata.name", "metadata.namespace", "metadata.uid"]);
const OUT_OF_BAND = new Set(["metadata.resourceVersion", "status"]);

function keysOfList(kind: string, place: string): readonly string[] | undefined {
	return KEYED[place] ?? KEYED[`${kind}.${place}`];
}

const ITEM = /^\[.*\]$/;

function placeOf(path: Path): string {
	return path.filter((step) => !ITEM.test(step)).join(".");
}

/** The fields of an applied configuration. Refuses null, which no configuration of ours should hold. */
export function fieldsOf(kind: string, configuration: Json): readonly Field[] {
	const fields: Field[] = [];
	const visit = (path: Path, value: unknown): void => {
		const place = placeOf(path);
		if (IDENTITY.has(place) || OUT_OF_BAND.has(place)) return;
		if (value === null) throw new Error(`null at ${place} of an applied ${kind}`);
		const keys = keysOfList(kind, place);
		if (keys !== undefined && Array.isArray(value)) {
			for (const item of value) visit([...path, itemStep(item, keys)], item);
		} else if (isMap(value) && !ATOMIC.has(`${kind}.${place}`) && Object.keys(value).length > 0) {
			for (const [key, held] of Object.entries(value)) visit([...path, key], held);
		} else {
			fields.push({ path, value });
		}
	};
	visit([], configuration);
	return fields;
}

function itemStep(item: unknown, keys: readonly string[]): string {
	const fields = isMap(item) ? item : {};
	return JSON.stringify(keys.map((key) => fields[key] ?? (key === "protocol" ? "TCP" : null)));
}

/** The value at the end of a path; undefined when there is none. */
export function fieldAt(kind: string, object: unknown, path: Path): unknown {
	let value = object;
	let walked: Path = [];
	for (const step of path) {
		value = Array.isArray(value)
			? value.find((item) => itemStep(item, keysOfList(kind, placeOf(walked)) ?? []) === step)
			: isMap(value)
				? value[step]
				: undefined;
		walked = [...walked, step];
	}
	return value;
}

/** A copy with the field set, or taken out when its value is undefined. */
export function withField(kind: string, object: unknown, { path, value }: Field, walked: Path = []): unknown {
	const [step, ...rest] = path;
	if (step === undefined) return value;
	if (ITEM.test(step)) {
		const keys = keysOfList(kind, placeOf(walked)) ?? [];
		const items = Array.isArray(object) ? object : [];
		const index = items.findIndex((item) => itemStep(item, keys) === step);
		const values = JSON.parse(step) as readonly unknown[];
		const item = items[index] ?? Object.fromEntries(keys.map((key, at) => [key, values[at]]));
		const changed = withField(kind, item, { path: rest, value }, [...walked, step]);
		const isGone = changed === undefined || (isMap(changed) && Object.keys(changed).length === 0);
		if (index < 0) return isGone ? items : [...items, changed];
		return isGone ? items.filter((_, at) => at !== index) : items.with(index, changed);
	}
	const map = isMap(object) ? { ...object } : {};
	const changed = withField(kind, map[step], { path: rest, value }, [...walked, step]);
	if (changed === undefined) delete map[step];
	else map[step] = changed;
	return map;
}
