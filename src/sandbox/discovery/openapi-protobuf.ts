import type { Json } from "../contract.ts";
import { double, type FieldWriter, flag, message, repeated, text, whole, within } from "../protobuf/write-fields.ts";

/** What a message of OpenAPI's second version calls its fields in JSON, with their numbers and how they are written. */
type Fields = Readonly<Record<string, readonly [number: number, writer: FieldWriter]>>;

/** Anything at all is said in YAML, which JSON is. */
const anything: FieldWriter = message((value) => text(2, JSON.stringify(value)));
const texts = repeated(text);

/** A whole document in the form that clients in Go ask for. What the sandbox's own documents don't say is left out. */
export function openApiV2Protobuf(document: Json): Buffer {
	return Buffer.concat(fieldsIn(document, documentFields));
}

function fieldsIn(value: Json, fields: Fields, extensions?: number): readonly Buffer[] {
	return Object.entries(value).flatMap(([name, item]) => {
		if (name.startsWith("x-")) return extensions === undefined ? [] : named(anything)(extensions, { [name]: item });
		const [number, writer] = fields[name] ?? [];
		return number === undefined || writer === undefined || item === undefined ? [] : writer(number, item);
	});
}

/** A map, as messages of a name and a value each. */
function named(writer: FieldWriter): FieldWriter {
	return (number, value) =>
		Object.entries(value as Json).flatMap(([name, item]) =>
			message(() => [...text(1, name), ...writer(2, item)])(number, {}),
		);
}

const schema: FieldWriter = message((value) => fieldsIn(value, schemaFields, 31));

const schemaFields: Fields = {
	$ref: [1, text],
	format: [2, text],
	title: [3, text],
	description: [4, text],
	default: [5, anything],
	multipleOf: [6, double],
	maximum: [7, double],
	exclusiveMaximum: [8, flag],
	minimum: [9, double],
	exclusiveMinimum: [10, flag],
	maxLength: [11, whole],
	minLength: [12, whole],
	pattern: [13, text],
	maxItems: [14, whole],
	minItems: [15, whole],
	uniqueItems: [16, flag],
	maxProperties: [17, whole],
	minProperties: [18, whole],
	required: [19, texts],
	enum: [20, repeated(anything)],
	additionalProperties: [
		21,
		(number, value) => (typeof value === "boolean" ? within(2, flag) : within(1, schema))(number, value),
	],
	type: [22, within(1, text)],
	items: [23, within(1, schema)],
	properties: [25, within(1, named(schema))],
};

const parameter: FieldWriter = (number, value) => {
	const { in: place } = value as Json;
	if (place === "body") return within(1, bodyParameter)(number, value);
	return within(2, place === "path" ? within(4, pathParameter) : within(3, queryParameter))(number, value);
};
const bodyParameter = message((value) => fieldsIn(value, { ...parameterFields(4, 3, 1, 2), schema: [5, schema] }));
const pathParameter = message((value) =>
	fieldsIn(value, { ...parameterFields(1, 2, 3, 4), type: [5, text], uniqueItems: [19, flag] }),
);
const queryParameter = message((value) =>
	fieldsIn(value, { ...parameterFields(1, 2, 3, 4), type: [6, text], uniqueItems: [20, flag] }),
);

function parameterFields(required: number, place: number, description: number, name: number): Fields {
	return { required: [required, flag], in: [place, text], description: [description, text], name: [name, text] };
}

const response = message((value) => fieldsIn(value, { description: [1, text], schema: [2, within(1, schema)] }));
const parameters = repeated(within(1, parameter));
const operation = message((value) =>
	fieldsIn(
		value,
		{
			description: [3, text],
			operationId: [5, text],
			produces: [6, texts],
			parameters: [8, parameters],
			responses: [9, within(1, named(within(1, response)))],
		},
		13,
	),
);
const pathFields: Fields = {
	...{ get: [2, operation], put: [3, operation], post: [4, operation], delete: [5, operation], patch: [8, operation] },
	parameters: [9, parameters],
};
const documentFields: Fields = {
	swagger: [1, text],
	info: [2, message((value) => fieldsIn(value, { title: [1, text], version: [2, text] }))],
	paths: [8, within(2, named(message((value) => fieldsIn(value, pathFields))))],
	definitions: [9, within(1, named(schema))],
};
