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

/** The ConfigMap before anybody said anything: who finds it is at a sandbox, and not at a cluster that is none. */
export const NO_IMAGE_SETTINGS = { apiVersion: "v1", kind: "ConfigMap", metadata: IMAGE_SETTINGS, data: {} };

/** Undefined: it says nothing that can be read. */
export function settingIn(value: string | undefined): ImageSetting | undefined {
	try {
		return ImageSetting.parse(JSON.parse(value ?? ""));
	} catch {
		return undefined;
	}
}

/**
 * Lets the images behave as the ConfigMap says, from now on, and as their tags say once it says no more; what is wrong with it
 * is reported and left out.
 */
export function followImageSettings(
	api: SandboxApi,
	images: ReturnType<typeof createImages>,
	report: (thrown: unknown, doing: string) => void,
): () => void {
	let followed: readonly string[] = [];
	return api.watch({ apiVersion: "v1", kind: "ConfigMap" }, ({ type, object }) => {
		const { name, namespace } = object.metadata;
		if (name !== IMAGE_SETTINGS.name || namespace !== IMAGE_SETTINGS.namespace) return;
		const data = type === "DELETED" ? {} : ((object.data as Record<string, string> | undefined) ?? {});
		const said = new Map<string, object>();
		for (const [key, value] of Object.entries(data)) {
			try {
				const { image, ...change } = ImageSetting.parse(JSON.parse(value));
				said.set(image, change);
			} catch (thrown) {
				report(thrown, `what ConfigMap ${namespace}/${name} says of ${key}`);
			}
		}
		for (const image of followed) if (!said.has(image)) images.set(image, {});
		for (const [image, change] of said) images.set(image, change);
		followed = [...said.keys()];
	});
}
