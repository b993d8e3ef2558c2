import { z } from "zod";
import type { createImages } from "./cluster/pods/images.ts";
import type { SandboxApi } from "./contract.ts";

/** Where it is written how images behave, so that whoever can reach the API can say it. */
export const IMAGE_SETTINGS = { namespace: "kube-system", name: "sandbox-images" } as const;

/** One image's settings: a value of the ConfigMap, as JSON. What is absent stays as the image's tag says. */
export const ImageSetting = z.strictObject({
	image: z.string().min(1),
	errorRate: z.number().min(0).max(1).optional(),
	p50Ms: z.number().min(0).max(60_000).optional(),
	p99Ms: z.number().min(0).max(60_000).optional(),
	text: z.string().max(1_000).optional(),
});
export type ImageSetting = z.infer<typeof ImageSetting>;

/** A ConfigMap's keys take no `/`, `:` or `@`. */
export function settingKey(image: string): string {
	return image.replaceAll(/[^A-Za-z0-9._-]/g, "_");
}

/** Lets the images behave as the ConfigMap says, from now on; what is wrong with it is reported and left out. */
export function followImageSettings(
	api: SandboxApi,
	images: ReturnType<typeof createImages>,
	report: (thrown: unknown, doing: string) => void,
): () => void {
	return api.watch({ apiVersion: "v1", kind: "ConfigMap" }, ({ type, object }) => {
		const { name, namespace } = object.metadata;
		if (type === "DELETED" || name !== IMAGE_SETTINGS.name || namespace !== IMAGE_SETTINGS.namespace) return;
		for (const [key, value] of Object.entries((object.data as Record<string, string> | undefined) ?? {})) {
			try {
				const { image, ...change } = ImageSetting.parse(JSON.parse(value));
				images.set(image, Object.fromEntries(Object.entries(change).filter(([, one]) => one !== undefined)));
			} catch (thrown) {
				report(thrown, `what ConfigMap ${namespace}/${name} says of ${key}`);
			}
		}
	});
}
