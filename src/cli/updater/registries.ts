import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { messageOf } from "../../domain/failure.ts";
import {
	parseRegistrySettings,
	type RegistrySetting,
	type RegistrySettings,
} from "../../updater/image-registry/settings.ts";
import { UsageError } from "../usage-error.ts";

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g;

/**
 * The settings of registries in that file, none without one, with the certificates of the files that they name. Throws UsageError
 * with what is wrong and where.
 */
export function registrySettings(file: string | undefined): RegistrySettings {
	if (file === undefined) return { registries: [] };
	const parsed = parseRegistrySettings(textOf(file, `--registries: ${file}`));
	if (!parsed.ok) throw new UsageError(`--registries: ${file}: ${parsed.problems.join("; ")}`);
	return { registries: parsed.settings.registries.map((setting) => withCertificates(setting, file)) };
}

function withCertificates(setting: RegistrySetting, file: string): RegistrySetting {
	const { host, caFile } = setting;
	if (caFile === undefined) return setting;
	const where = `--registries: ${file}: registry ${host}: caFile ${caFile}`;
	const found = textOf(resolve(dirname(file), caFile), where).match(CERTIFICATE) ?? [];
	if (found.length === 0) throw new UsageError(`${where} holds no certificate in PEM`);
	for (const [i, pem] of found.entries()) {
		try {
			new X509Certificate(pem);
		} catch {
			throw new UsageError(`${where}: certificate ${i + 1} cannot be read`);
		}
	}
	// Whatever else is in the file, a key perhaps, is left there.
	return { ...setting, ca: found.join("\n") };
}

function textOf(file: string, where: string): string {
	try {
		return readFileSync(file, "utf8");
	} catch (thrown) {
		throw new UsageError(`${where} cannot be read: ${messageOf(thrown)}`);
	}
}
