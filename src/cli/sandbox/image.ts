import { durationMs } from "../../domain/duration.ts";
import type { KubeClient } from "../../kube/client.ts";
import { IMAGE_SETTINGS, type ImageSetting, settingIn, settingKey } from "../../sandbox/image-settings.ts";
import { UsageError } from "../usage-error.ts";
import { configMapAt } from "./at-sandbox.ts";

/** What `haldane sandbox image` is given. */
export interface ImageFlags {
	readonly errorRate?: string;
	readonly p50?: string;
	readonly p99?: string;
	readonly text?: string;
}

/** As Docker takes it: a registry's host and port, a path, a tag and a digest. */
const IMAGE = /^[a-z0-9][a-z0-9._-]*(:\d+)?(\/[a-z0-9][a-z0-9._-]*)*(:[\w][\w.-]*)?(@sha256:[0-9a-f]+)?$/i;
const TEXT_MAX = 1_000;

/** Says how an image behaves from now on, beside what was said before; answers a sentence. */
export async function setImage(client: KubeClient, image: string, flags: ImageFlags): Promise<string> {
	if (!IMAGE.test(image))
		throw new UsageError(`${JSON.stringify(image)} is no image: write an image like podinfo:1.2.0`);
	const said = {
		...(flags.errorRate === undefined ? {} : { errorRate: rateOf(flags.errorRate) }),
		...(flags.p50 === undefined ? {} : { p50Ms: millisecondsOf("--p50", flags.p50) }),
		...(flags.p99 === undefined ? {} : { p99Ms: millisecondsOf("--p99", flags.p99) }),
		...(flags.text === undefined ? {} : { text: textOf(flags.text) }),
	};
	if (Object.keys(said).length === 0)
		throw new UsageError("say what should be so: --error-rate, --p50, --p99 or --text");
	const ref = { apiVersion: "v1", kind: "ConfigMap", ...IMAGE_SETTINGS };
	const { data } = await configMapAt(client, IMAGE_SETTINGS);
	const key = settingKey(image);
	const before = settingIn((data as Record<string, string> | undefined)?.[key]);
	const setting: ImageSetting = { ...(before?.image === image ? before : {}), image, ...said };
	await client.patch(ref, { data: { [key]: JSON.stringify(setting) } });
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

function textOf(text: string): string {
	if (text.length > TEXT_MAX) throw new UsageError(`--text: write at most ${TEXT_MAX} characters`);
	return text;
}
