import core from "./fields-core.ts";
import groups from "./fields-groups.ts";

/** A field of a message. */
export interface Field {
	/** In JSON; empty: the message is nothing but this field, and JSON has its value alone. */
	readonly name: string;
	/**
	 * s text, y bytes, b truth, i and l whole numbers of 32 and 64 bits, d a number; else a message, as `package/version.Name`.
	 */
	readonly type: string;
	/** inline: JSON has the fields of this message in the outer one. Keys of a map are text. */
	readonly shape: "one" | "list" | "map" | "inline";
	/** JSON leaves it out when it is nought, false, empty or null. */
	readonly omitsEmpty: boolean;
}

export type Message = ReadonlyMap<number, Field>;

interface Table {
	readonly messages: ReadonlyMap<string, Message>;
	/** Names of messages by `apiVersion kind`. */
	readonly kinds: ReadonlyMap<string, string>;
}

let table: Table | undefined;

/** The message that an object of this kind is sent as; undefined for a kind that isn't known. */
export function messageOfKind(apiVersion: string, kind: string): string | undefined {
	table ??= read(`${core}${groups}`);
	// Each group has these as its own.
	const home = kind === "DeleteOptions" || kind === "Status" ? "meta.k8s.io/v1" : apiVersion;
	return table.kinds.get(`${home} ${kind}`);
}

/** The fields of a message of the table by their numbers. */
export function fieldsOf(message: string): Message {
	table ??= read(`${core}${groups}`);
	const fields = table.messages.get(message);
	if (!fields) throw new Error(`the table of messages has no ${message}`);
	return fields;
}

/**
 * Lines: `# package/version apiVersion`, then the package's messages as `Name field=number:type …`, a star before what is a
 * kind, continued where a line is indented. Before a type: [] a list, {} a map, ~ inline; behind it: ? leaves out what is empty.
 */
function read(text: string): Table {
	const messages = new Map<string, Message>();
	const kinds = new Map<string, string>();
	let [name, apiVersion]: (string | undefined)[] = [];
	for (const line of text.replaceAll("\n ", " ").split("\n")) {
		const [first = "", ...words] = line.split(" ");
		if (first === "#") [name, apiVersion] = words;
		else if (first !== "") {
			const kind = first.replace("*", "");
			if (first !== kind) kinds.set(`${apiVersion} ${kind}`, `${name}.${kind}`);
			messages.set(`${name}.${kind}`, new Map(words.map((word) => fieldOf(word, name ?? ""))));
		}
	}
	return { messages, kinds };
}

const shapes = { "": "one", "[]": "list", "{}": "map", "~": "inline" } as const;

function fieldOf(word: string, home: string): [number, Field] {
	const [, name = "", number, shape = "", type = "", mark] =
		/^([^=]*)=(\d+):(\[\]|\{\}|~)?([\w./]+)(\?)?$/.exec(word) ?? [];
	if (number === undefined) throw new Error(`a field of a message is written wrongly: ${word}`);
	const isOwn = type.length > 1 && !type.includes(".");
	return [
		Number(number),
		{
			...{ name, type: isOwn ? `${home}.${type}` : type, shape: shapes[shape as keyof typeof shapes] },
			omitsEmpty: mark !== undefined,
		},
	];
}
