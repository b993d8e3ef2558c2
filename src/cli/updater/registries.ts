import { readFileSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { messageOf } from "../../domain/failure.ts";
import {
	parseRegistrySettings,
	type RegistrySetting,
	type RegistrySettings,
} from "../../updater/image-registry/settings.ts";
import { UsageError } from "../usage-error.ts";

const FILE_BYTES_MAX = 1_048_576;

/**
 * The settings of registries in that file, none without one, with the certificates that they name: paths are relative to
 * the file. Throws UsageError with what is wrong, which quotes nothing of the files.
 */
export function registrySettings(file: string | undefined): RegistrySettings {
	if (file === undefined) return { registries: [] };
	const parsed = parseRegistrySettings(contentOf(file, file));
	if (!parsed.ok) throw new UsageError(`--registries: ${file}: ${parsed.problems.join("; ")}`);
	return { registries: parsed.settings.registries.map((setting) => withCertificates(setting, file)) };
}

function withCertificates(setting: RegistrySetting, file: string): RegistrySetting {
	const { host, caFile, credentialsSecret } = setting;
	if (credentialsSecret !== undefined)
		throw new UsageError(
			`--registries: ${file}: ${host}: credentialsSecret has no effect yet; name the Secret in the workload's imagePullSecrets, or in pullSecrets of its ImagePolicy`,
		);
	if (caFile === undefined) return setting;
	const ca = contentOf(resolve(dirname(file), caFile), `${file}: ${host}: caFile`);
	if (!ca.includes("-----BEGIN CERTIFICATE-----"))
		throw new UsageError(`--registries: ${file}: ${host}: caFile holds no certificate in PEM`);
	return { ...setting, ca };
}

function contentOf(path: string, what: string): string {
	try {
		if (statSync(path).size > FILE_BYTES_MAX) throw new Error(`is longer than ${FILE_BYTES_MAX} bytes`);
		return readFileSync(path, "utf8");
	} catch (thrown) {
		throw new UsageError(`--registries: ${what} cannot be read: ${messageOf(thrown)}`);
	}
}
