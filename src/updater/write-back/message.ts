import type { Person } from "../../domain/file-change.ts";
import type { NewImage, WorkloadToEdit } from "./edit.ts";

const DEFAULT_TEMPLATE = "Update {{workload}} {{container}} to {{to}}\n\n{{image}}: {{why}}";
const PLACEHOLDER = /\{\{\s*([^{}]*?)\s*\}\}/g;

type Name = "workload" | "container" | "image" | "from" | "to" | "digest" | "why";

interface Told {
	readonly workload: WorkloadToEdit;
	readonly images: readonly NewImage[];
}

const values: Readonly<Record<Name, (told: Told) => readonly string[]>> = {
	workload: ({ workload }) => [`${workload.namespace}/${workload.name}`],
	container: ({ images }) => images.map(({ name }) => name),
	image: ({ images }) => images.map(({ image }) => image),
	from: ({ images }) => images.map(({ from }) => from),
	to: ({ images }) => images.map(({ tag }) => tag),
	digest: ({ images }) => images.map(({ digest }) => digest),
	why: ({ images }) => images.map(({ why }) => why),
};

/** What is wrong with a template, in sentences; nothing when all its placeholders are known. */
export function templateProblems(template: string): readonly string[] {
	const known = Object.keys(values);
	const unknown = [...template.matchAll(PLACEHOLDER)]
		.map(([, name = ""]) => name)
		.filter((name) => !known.includes(name));
	const listed = known.map((name) => `{{${name}}}`).join(", ");
	return [...new Set(unknown)].map((name) => `has no {{${name}}}; there are ${listed}`);
}

/** The message of a commit. Of several images each placeholder gives all that are different, with commas between. */
export function messageOf(template: string | undefined, told: Told, signedOffBy: Person | undefined): string {
	const text = (template ?? DEFAULT_TEMPLATE).replaceAll(PLACEHOLDER, (whole, name: string) =>
		Object.hasOwn(values, name) ? oneLine([...new Set(values[name as Name](told))].join(", ")) : whole,
	);
	const message = text.replaceAll("\r\n", "\n").trimEnd();
	if (signedOffBy === undefined) return `${message}\n`;
	const trailer = `Signed-off-by: ${oneLine(signedOffBy.name)} <${oneLine(signedOffBy.email)}>`;
	// Trailers are one paragraph, the last.
	const isAfterTrailers = /\n\n(?:[A-Za-z][\w-]*: .+\n?)+$/.test(message);
	return `${message}${isAfterTrailers ? "\n" : "\n\n"}${trailer}\n`;
}

function oneLine(text: string): string {
	return text.replaceAll(/\p{Cc}+/gu, " ");
}
