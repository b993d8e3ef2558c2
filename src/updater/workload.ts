import type { KubeObject, ObjectMeta } from "../domain/kube-object.ts";

/** Where in a pod an image stands. */
export type ImageRole = "container" | "initContainer" | "imageVolume";

/** One image of a workload; a role and a name are in it once. */
export interface WorkloadImage {
	readonly role: ImageRole;
	/** Of the container, or of the volume. */
	readonly name: string;
	/** As it is written: `ghcr.io/acme/app:1.2.0`. */
	readonly image: string;
}

/** Kinds whose images can be kept up to date. */
export const WORKLOAD_KINDS = ["Deployment", "DaemonSet", "StatefulSet", "CronJob"] as const;
export type WorkloadKind = (typeof WORKLOAD_KINDS)[number];

type Json = Readonly<Record<string, unknown>>;

/** The field of a pod that lists images of that role. */
const lists = {
	container: "containers",
	initContainer: "initContainers",
	imageVolume: "volumes",
} as const satisfies Record<ImageRole, string>;
const roles = Object.keys(lists) as readonly ImageRole[];

/** Says on a workload why it was changed; `kubectl rollout history` shows it. */
const CHANGE_CAUSE = "kubernetes.io/change-cause";

/** Images of the workload: containers, then init containers, then image volumes, each as listed. What is malformed is none. */
export function imagesOf(workload: KubeObject): readonly WorkloadImage[] {
	const pod = podSpecOf(workload);
	return roles.flatMap((role) =>
		items(pod?.[lists[role]]).flatMap((item) => {
			const image = role === "imageVolume" ? at(item, "image", "reference") : at(item, "image");
			const name = at(item, "name");
			return typeof name === "string" && typeof image === "string" && image !== "" ? [{ role, name, image }] : [];
		}),
	);
}

/** The workload as server-side apply has it when these images and why they changed are all that it says. */
export function imagePatch(
	{ apiVersion, kind, metadata: { name, namespace } }: KubeObject,
	images: readonly WorkloadImage[],
	{ changeCause }: { readonly changeCause: string },
): KubeObject {
	const listed = roles.flatMap((role) => {
		const entries = images.filter((image) => image.role === role).map(entryOf);
		return entries.length === 0 ? [] : [[lists[role], entries] as const];
	});
	const metadata: ObjectMeta = {
		name,
		...(namespace === undefined ? {} : { namespace }),
		annotations: { [CHANGE_CAUSE]: changeCause },
	};
	const spec = podSpecPath(kind).reduceRight<object>((inner, step) => ({ [step]: inner }), Object.fromEntries(listed));
	return { apiVersion, kind, metadata, ...(listed.length === 0 ? {} : spec) };
}

/** Images whose field the manager owns by server-side apply: those that an apply without them would take away from it. */
export function ownedImages(live: KubeObject, manager: string): readonly WorkloadImage[] {
	const owned = items(live.metadata.managedFields)
		.filter(
			(entry) => at(entry, "manager") === manager && at(entry, "operation") === "Apply" && !at(entry, "subresource"),
		)
		.map((entry) => at(entry, "fieldsV1", ...podSpecPath(live.kind).map((step) => `f:${step}`)));
	return imagesOf(live).filter(({ role, name }) =>
		owned.some((fields) => {
			const item = entryNamed(at(fields, `f:${lists[role]}`), name);
			return at(item, "f:image", ...(role === "imageVolume" ? ["f:reference"] : [])) !== undefined;
		}),
	);
}

/** Names of the Secrets that the workload's pods pull images with, as listed. */
export function pullSecretsOf(workload: KubeObject): readonly string[] {
	return items(podSpecOf(workload)?.imagePullSecrets).flatMap((item) => {
		const name = at(item, "name");
		return typeof name === "string" && name !== "" ? [name] : [];
	});
}

/** Name of the ServiceAccount that the workload's pods run as. */
export function serviceAccountOf(workload: KubeObject): string {
	const { serviceAccountName, serviceAccount } = podSpecOf(workload) ?? {};
	const named = [serviceAccountName, serviceAccount].find((name) => typeof name === "string" && name !== "");
	return typeof named === "string" ? named : "default";
}

/** The pod's spec within the workload, whatever the API server let pass; undefined when there is none. */
export function podSpecOf(workload: KubeObject): Json | undefined {
	const spec = at(workload, ...podSpecPath(workload.kind));
	return isObject(spec) ? spec : undefined;
}

/** The fields that lead from a workload of that kind to the spec of its pods. */
export function podSpecPath(kind: string): readonly string[] {
	const template = ["spec", "template", "spec"];
	return kind === "CronJob" ? ["spec", "jobTemplate", ...template] : template;
}

function entryOf({ role, name, image }: WorkloadImage): object {
	return role === "imageVolume" ? { name, image: { reference: image } } : { name, image };
}

/** The fields below `k:{"name":"app"}`, however its JSON is spaced. */
function entryNamed(list: unknown, name: string): unknown {
	if (!isObject(list)) return undefined;
	const key = Object.keys(list).find((one) => one.startsWith("k:") && at(parsed(one.slice(2)), "name") === name);
	return key === undefined ? undefined : list[key];
}

function parsed(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		// A key that is no JSON names nothing.
		return undefined;
	}
}

function items(value: unknown): readonly unknown[] {
	return Array.isArray(value) ? value : [];
}

function isObject(value: unknown): value is Json {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}

function at(value: unknown, ...path: readonly string[]): unknown {
	return path.reduce<unknown>((inner, step) => (isObject(inner) ? inner[step] : undefined), value);
}
