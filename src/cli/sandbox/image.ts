import { durationMs } from "../../domain/duration.ts";
import type { KubeClient } from "../../kube/client.ts";
import { ApiError } from "../../kube/errors.ts";
import { IMAGE_SETTINGS, type ImageSetting, settingKey } from "../../sandbox/image-settings.ts";
import { UsageError } from "../usage-error.ts";

/** What `haldane sandbox image` is given. */
export interface ImageFlags {
	readonly errorRate?: string;
	readonly p50?: string;
	readonly p99?: string;
	readonly text?: string;
}

/** Says how an image behaves from now on; answers a sentence. */
export async function setImage(client: KubeClient, image: string, flags: ImageFlags): Promise<string> {
	const setting: ImageSetting = {
		image,
		...(flags.errorRate === undefined ? {} : { errorRate: rateOf(flags.errorRate) }),
		...(flags.p50 === undefined ? {} : { p50Ms: millisecondsOf("--p50", flags.p50) }),
		...(flags.p99 === undefined ? {} : { p99Ms: millisecondsOf("--p99", flags.p99) }),
		...(flags.text === undefined ? {} : { text: flags.text }),
	};
	if (Object.keys(setting).length === 1)
		throw new UsageError("say what should be so: --error-rate, --p50, --p99 or --text");
	const ref = { apiVersion: "v1", kind: "ConfigMap", ...IMAGE_SETTINGS };
	const data = { [settingKey(image)]: JSON.stringify(setting) };
	try {
		await client.patch(ref, { data });
	} catch (thrown) {
		if (!(thrown instanceof ApiError && thrown.status === 404)) throw thrown;
		await client.create({ apiVersion: "v1", kind: "ConfigMap", metadata: IMAGE_SETTINGS, data });
	}
	const { image: _named, ...said } = setting;
	return `${image}: ${Object.entries(said)
		.map(([what, value]) => `${what} ${value}`)
		.join(", ")}`;
}

/** `5%` or `0.05` */
function rateOf(text: string): number {
	const match = /^(\d+(?:\.\d+)?)(%?)$/.exec(text);
	const rate = match === null ? Number.NaN : Number(match[1]) / (match[2] === "%" ? 100 : 1);
	if (!(rate >= 0 && rate <= 1)) throw new UsageError("--error-rate: write a share like 5% or 0.05");
	return rate;
}

function millisecondsOf(flag: string, text: string): number {
	const ms = durationMs(text);
	if (ms === undefined || ms > 60_000) throw new UsageError(`${flag}: write a duration like 300ms, at most 1m`);
	return ms;
}
