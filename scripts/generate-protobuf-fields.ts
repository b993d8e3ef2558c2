// Writes src/sandbox/protobuf/fields-*.ts: how the messages behind the sandbox's kinds are numbered on the wire, and what
// their fields are called in JSON. Its arguments are the folders of the Go modules k8s.io/api, k8s.io/apimachinery and
// k8s.io/apiextensions-apiserver of one version. Numbers and types are read from their generated.proto, names in JSON
// and which empty values JSON leaves out from the struct tags beside it; nothing else of them is written.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { builtinKinds } from "../src/sandbox/schema/builtin-kinds.ts";

/** What clients send that is no object of a served kind. */
const sentBeside = Object.entries({
	v1: ["Binding"],
	"policy/v1": ["Eviction"],
	"autoscaling/v1": ["Scale"],
	"meta.k8s.io/v1": ["DeleteOptions", "Status"],
	"authentication.k8s.io/v1": ["SelfSubjectReview", "TokenRequest", "TokenReview"],
	"authorization.k8s.io/v1": [
		...["LocalSubjectAccessReview", "SelfSubjectAccessReview", "SelfSubjectRulesReview", "SubjectAccessReview"],
	],
}).flatMap(([apiVersion, names]) => names.map((kind) => ({ apiVersion, kind })));
const folder = join(import.meta.dirname, "..", "src", "sandbox", "protobuf");
const WIDTH = 128;

interface Field {
	/** In the .proto. */
	readonly name: string;
	readonly number: number;
	readonly shape: "" | "[]" | "{}";
	/** A scalar's name, or `package/version.Message`. */
	readonly type: string;
}

/** A field as Go's struct tags have it. */
interface Tagged {
	readonly jsonName: string;
	readonly isInline: boolean;
	/** What JSON leaves out: `omitempty` heeds scalars alone, `omitzero` structs too. */
	readonly omits: "nothing" | "scalars" | "all";
}

interface Package {
	readonly messages: ReadonlyMap<string, readonly Field[]>;
	readonly structs: ReadonlyMap<string, ReadonlyMap<number, Tagged>>;
}

const scalars: Readonly<Record<string, string>> = {
	...{ string: "s", bytes: "y", bool: "b", int32: "i", int64: "l", double: "d" },
};

/** `core/v1` of `k8s.io.api.core.v1`. */
function shortNameOf(protoPackage: string): string {
	return protoPackage.split(".").slice(-2).join("/");
}

function messagesOf(proto: string): Package["messages"] {
	const own = shortNameOf(/^package ([\w.]+);/m.exec(proto)?.[1] ?? "");
	const bodies = proto.replaceAll(/\/\/.*$/gm, "").matchAll(/^message (\w+) \{([^}]*)\}/gm);
	return new Map([...bodies].map(([, name = "", body = ""]) => [name, fieldsOf(body, own)]));
}

function fieldsOf(body: string, own: string): readonly Field[] {
	const lines = body.matchAll(/(optional|repeated|required)?\s*(map<\w+,\s*([\w.]+)>|[\w.]+)\s+(\w+)\s*=\s*(\d+)\s*;/g);
	return [...lines].map(([, label, whole = "", value, name = "", number]) => {
		const type = (value ?? whole).replace(/^\./, "");
		const dot = type.lastIndexOf(".");
		return {
			...{ name, number: Number(number), shape: value ? "{}" : label === "repeated" ? "[]" : "" },
			type:
				type in scalars
					? type
					: dot < 0
						? `${own}.${type}`
						: `${shortNameOf(type.slice(0, dot))}.${type.slice(dot + 1)}`,
		};
	});
}

function structsOf(source: string): [string, ReadonlyMap<number, Tagged>][] {
	const bodies = source.matchAll(/^type (\w+) struct \{\n([\s\S]*?)^\}/gm);
	return [...bodies].map(([, name = "", body = ""]) => {
		const fields = [...body.matchAll(/^\s+(?!\/\/)(\w\S*)(?:[ \t]+([^`\n]+?))?[ \t]+`([^`]*protobuf:[^`]*)`/gm)];
		const tagged = fields.map(([, , type = "", tags = ""]) => [numberIn(tags), taggedOf(type, tags)] as const);
		return [name, new Map(tagged.filter(([number]) => !Number.isNaN(number)))];
	});
}

function numberIn(tags: string): number {
	return Number(/protobuf:"\w+,(\d+)/.exec(tags)?.[1]);
}

function taggedOf(type: string, tags: string): Tagged {
	const [jsonName = "", ...options] = (/json:"([^"]*)"/.exec(tags)?.[1] ?? "").split(",");
	const omitempty = options.includes("omitempty");
	return {
		jsonName: jsonName === "-" ? "" : jsonName,
		isInline: options.includes("inline"),
		omits: type.startsWith("*") ? "nothing" : options.includes("omitzero") ? "all" : omitempty ? "scalars" : "nothing",
	};
}

function readPackages(modules: readonly string[]): ReadonlyMap<string, Package> {
	const protos = modules.flatMap((module) =>
		readdirSync(module, { recursive: true, encoding: "utf8" })
			.filter((file) => /(^|\/)generated\.proto$/.test(file))
			.map((file) => join(module, file)),
	);
	return new Map(
		protos.map((file) => {
			const proto = readFileSync(file, "utf8");
			const sources = readdirSync(dirname(file)).filter((name) => /^(?!zz_|generated).*(?<!_test)\.go$/.test(name));
			const structs = sources.flatMap((name) => structsOf(readFileSync(join(dirname(file), name), "utf8")));
			const name = shortNameOf(/^package ([\w.]+);/m.exec(proto)?.[1] ?? "");
			return [name, { messages: messagesOf(proto), structs: new Map(structs) }];
		}),
	);
}

/** `core/v1` of `v1`, `rbac/v1` of `rbac.authorization.k8s.io/v1`. */
function packageOf({ apiVersion }: { readonly apiVersion: string }): string {
	const [group = "", version] = apiVersion.includes("/") ? apiVersion.split("/") : ["core", apiVersion];
	return `${group.split(".")[0]}/${version}`;
}

/** Those messages with all that they hold, and what those hold. */
function reachedFrom(roots: readonly string[], packages: ReadonlyMap<string, Package>): ReadonlySet<string> {
	const reached = new Set(roots);
	for (const message of reached) {
		for (const { type } of fieldsIn(message, packages)) if (!(type in scalars)) reached.add(type);
	}
	return reached;
}

function fieldsIn(message: string, packages: ReadonlyMap<string, Package>): readonly Field[] {
	const [name = "", own = ""] = message.split(".");
	const fields = packages.get(name)?.messages.get(own);
	if (!fields) throw new Error(`no generated.proto has the message ${message}`);
	return fields;
}

function wordOf(field: Field, message: string, packages: ReadonlyMap<string, Package>): string {
	const [name = "", own = ""] = message.split(".");
	const struct = packages.get(name)?.structs.get(own);
	const tagged = struct?.get(field.number);
	if (struct?.size && !tagged) throw new Error(`no struct tag says how JSON has ${field.name} of ${message}`);
	// A list or a text in Go, which proto needs a message for.
	const isWrapped = !tagged && ["items", "string"].includes(field.name);
	const jsonName = isWrapped ? "" : tagged?.jsonName || field.name;
	const type =
		scalars[field.type] ?? (field.type.startsWith(`${name}.`) ? field.type.slice(name.length + 1) : field.type);
	const isOmitted = tagged?.omits === "all" || (tagged?.omits === "scalars" && field.type in scalars);
	const mark = isOmitted && field.shape === "" ? "?" : "";
	return `${jsonName}=${field.number}:${tagged?.isInline ? "~" : ""}${field.shape}${type}${mark}`;
}

/** Continued, indented, in further lines where one would be too long. */
function wrapped(words: readonly string[]): readonly string[] {
	const lines: string[] = [];
	for (const word of words) {
		const last = lines.at(-1);
		if (last !== undefined && last.length + word.length + 1 <= WIDTH) lines[lines.length - 1] = `${last} ${word}`;
		else lines.push(last === undefined ? word : ` ${word}`);
	}
	return lines;
}

/** A package's messages: those in `roots` with a star, for they are bodies. */
function linesOf(name: string): readonly string[] {
	const apiVersion = kinds.find((kind) => packageOf(kind) === name)?.apiVersion;
	const own = [...reached].filter((message) => message.startsWith(`${name}.`)).sort();
	return [
		apiVersion === undefined ? `# ${name}` : `# ${name} ${apiVersion}`,
		...own.flatMap((message) => {
			const words = fieldsIn(message, packages).map((field) => wordOf(field, message, packages));
			return wrapped([`${roots.includes(message) ? "*" : ""}${message.slice(name.length + 1)}`, ...words]);
		}),
	];
}

function write(file: string, lines: readonly string[]): void {
	const head = [
		"// Made by scripts/generate-protobuf-fields.ts from the wire format that Kubernetes publishes (Apache-2.0): names of",
		"// messages, and numbers, names and types of their fields. How to read it is said in fields.ts.",
	];
	writeFileSync(join(folder, file), `${[...head, "export default `", ...lines].join("\n")}\n\`;\n`);
}

if (process.argv.length < 3) throw new Error("name the folders of the Go modules that have the generated.proto files");
const packages = readPackages(process.argv.slice(2));
const kinds = [...builtinKinds, ...sentBeside];
const roots = kinds.map((kind) => `${packageOf(kind)}.${kind.kind}`);
const reached = reachedFrom(roots, packages);
const names = [...new Set([...reached].map((message) => message.split(".")[0] ?? ""))].sort();
write("fields-core.ts", linesOf("core/v1"));
write("fields-groups.ts", names.filter((name) => name !== "core/v1").flatMap(linesOf));
