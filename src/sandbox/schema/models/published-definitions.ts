import { brotliDecompressSync } from "node:zlib";
import type { Json } from "../../contract.ts";
import packed from "./published.ts";

let definitions: Readonly<Record<string, Json>> | undefined;

/**
 * The definition of that name as a real API server publishes it, or undefined. Its references, `$ref`, are names of others
 * of these. They are unpacked when the first is asked for.
 */
export function publishedDefinition(name: string): Json | undefined {
	definitions ??= JSON.parse(brotliDecompressSync(Buffer.from(packed, "base64")).toString("utf8")) as Record<
		string,
		Json
	>;
	return Object.hasOwn(definitions, name) ? definitions[name] : undefined;
}
