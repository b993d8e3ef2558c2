/** One element of an XML text, in the order of their start tags; `text` is its own, entities resolved. */
export interface XmlElement {
	readonly name: string;
	readonly attributes: Readonly<Record<string, string>>;
	text: string;
}

const TOKEN = /<(\/?)([A-Za-z][\w:-]*)((?:\s+[\w:-]+="[^"<]*")*)\s*(\/?)>|([^<]+)/y;
const entities: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', "#39": "'" };

/** Takes an XML text of elements, attributes and text apart. Throws at the first thing that is not well-formed. */
export function elementsOf(xml: string): readonly XmlElement[] {
	const elements: XmlElement[] = [];
	const open: XmlElement[] = [];
	let at = 0;
	while (at < xml.length) {
		TOKEN.lastIndex = at;
		const token = TOKEN.exec(xml);
		if (token === null) throw new Error(`no markup at ${at}: ${xml.slice(at, at + 60)}`);
		at = TOKEN.lastIndex;
		const [, closes, name = "", attributes = "", empty, text] = token;
		const top = open.at(-1);
		if (text !== undefined) {
			if (top === undefined && text.trim() !== "") throw new Error("text outside of the root");
			if (top !== undefined) top.text += resolved(text);
		} else if (closes) {
			if (top?.name !== name) throw new Error(`</${name}> closes <${top?.name}>`);
			open.pop();
		} else {
			if (top === undefined && elements.length > 0) throw new Error("two roots");
			const pairs = [...attributes.matchAll(/([\w:-]+)="([^"]*)"/g)].map(
				([, key = "", value = ""]) => [key, resolved(value)] as const,
			);
			if (new Set(pairs.map(([key]) => key)).size < pairs.length) throw new Error(`<${name}> has an attribute twice`);
			const element = { name, attributes: Object.fromEntries(pairs), text: "" };
			elements.push(element);
			if (!empty) open.push(element);
		}
	}
	if (open.length > 0) throw new Error(`<${open.at(-1)?.name}> is not closed`);
	return elements;
}

function resolved(text: string): string {
	return text.replaceAll(/&([^;]*;?)/g, (whole, reference: string) => {
		const character = entities[reference.replace(/;$/, "")];
		if (character === undefined || !reference.endsWith(";")) throw new Error(`no entity ${whole}`);
		return character;
	});
}
