import { messages } from "./messages.ts";

/** A field of a message, as its number stands for it. */
export interface Field {
	readonly name: string;
	/** As `messages` writes it, without its marks. */
	readonly type: string;
	readonly shape: "one" | "list" | "map" | "inline";
	/** That it is nought, false or empty is something that was said. */
	readonly isTold: boolean;
}

/** Those that carry others, and those that have another form in JSON. */
const own = `
Unknown typeMeta=1:TypeMeta raw=2:y contentEncoding=3:- contentType=4:-
TypeMeta apiVersion=1:s kind=2:s
Time seconds=1:i nanos=2:-
Quantity string=1:s
IntOrString type=1:i intVal=2:i strVal=3:s
Json raw=1:y
Strings items=1:[]s
`;

let parsed: ReadonlyMap<string, ReadonlyMap<number, Field>> | undefined;

/** The fields of a message by their numbers; undefined for one that isn't known. */
export function fieldsOf(message: string): ReadonlyMap<number, Field> | undefined {
	parsed ??= new Map(
		`${own}${messages}`
			.replaceAll("\n\t", " ")
			.split("\n")
			.filter((line) => line !== "")
			.map((line) => {
				const [name = "", ...fields] = line.split(" ");
				return [name, new Map(fields.map(fieldOf))];
			}),
	);
	return parsed.get(message);
}

function fieldOf(text: string): [number, Field] {
	const [, name = "", number = "", inline, container, type = "", mark] =
		/^(\w+)=(\d+):(~?)(\[\]|\{\})?([\w-]+)(\*?)$/.exec(text) ?? [];
	if (name === "") throw new Error(`a field of a message is written wrongly: ${text}`);
	const shape = inline ? "inline" : container === "[]" ? "list" : container === "{}" ? "map" : "one";
	return [Number(number), { name, type, shape, isTold: mark === "*" }];
}
