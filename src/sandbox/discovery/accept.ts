import { Refusal } from "../contract.ts";

/** One media type that a client accepts. */
export interface Accepted {
	/** In lower case, such as `application/json` or `*` + `/*`. */
	readonly type: string;
	readonly parameters: Readonly<Record<string, string>>;
}

/** The media types of an Accept header, the dearest first; a header that says nothing accepts anything. */
export function acceptedTypes(header: string): readonly Accepted[] {
	const types = header
		.split(",")
		.map((text) => text.trim())
		.filter((text) => text !== "")
		.map(readType)
		.filter(({ quality }) => quality > 0)
		.sort((one, other) => other.quality - one.quality);
	return header.trim() === "" ? [{ type: "*/*", parameters: {} }] : types;
}

function readType(text: string): Accepted & { readonly quality: number } {
	const [type = "", ...rest] = text.split(";").map((part) => part.trim());
	const parameters = Object.fromEntries(
		rest.map((part): [string, string] => {
			const equals = part.indexOf("=");
			return equals < 0 ? [part.toLowerCase(), ""] : [part.slice(0, equals).toLowerCase(), part.slice(equals + 1)];
		}),
	);
	const quality = parameters.q === undefined ? 1 : Number(parameters.q);
	return { type: type.toLowerCase(), parameters, quality: Number.isNaN(quality) ? 0 : quality };
}

/** Whether JSON is among what a media type stands for. */
export function takesJson({ type }: Accepted): boolean {
	return type === "application/json" || type === "application/*" || type === "*/*";
}

/** The 406 of a client that does not take JSON, which is all that the sandbox speaks. */
export function notAcceptable(): Refusal {
	return new Refusal(406, "NotAcceptable", "only the following media types are accepted: application/json");
}
