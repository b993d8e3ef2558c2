import { readFileSync } from "node:fs";
import { messageOf } from "../../domain/failure.ts";
import { parseRegistrySettings, type RegistrySettings } from "../../updater/image-registry/settings.ts";
import { UsageError } from "../usage-error.ts";

/** The settings of registries in that file, none without one; throws UsageError with what is wrong with it. */
export function registrySettings(file: string | undefined): RegistrySettings {
	if (file === undefined) return { registries: [] };
	let text: string;
	try {
		text = readFileSync(file, "utf8");
	} catch (thrown) {
		throw new UsageError(`--registries: ${file} cannot be read: ${messageOf(thrown)}`);
	}
	const parsed = parseRegistrySettings(text);
	if (!parsed.ok) throw new UsageError(`--registries: ${file}: ${parsed.problems.join("; ")}`);
	return parsed.settings;
}
