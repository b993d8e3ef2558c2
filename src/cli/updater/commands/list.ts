import type { Instant } from "../../../domain/instant.ts";
import type { KubeClient } from "../../../kube/client.ts";
import { ageText, aligned } from "../../get/table.ts";
import { UsageError } from "../../usage-error.ts";
import { allImagesKept, type KeptImage, type Refused } from "./images.ts";
import { oneLine } from "./one-line.ts";

const NONE = "-";
const outputs = ["table", "json"] as const;

export interface Listing {
	readonly client: Pick<KubeClient, "list">;
	/** Undefined: every namespace. */
	readonly namespace: string | undefined;
	readonly now: Instant;
}

/** Every image that is kept up to date, a line each, as it is recorded in the cluster. */
export async function list({ client, namespace, now }: Listing, output: string): Promise<string> {
	if (!outputs.some((known) => known === output)) throw new UsageError(`--output ${output}: write table or json`);
	const { images, refused } = await allImagesKept(client, namespace);
	if (output === "json") return JSON.stringify({ images, refused }, null, 2);
	if (images.length + refused.length === 0) {
		const where = namespace === undefined ? "any namespace" : `namespace ${namespace}`;
		return `no image is kept up to date in ${where}; docs/updater.md says how to ask for it`;
	}
	const title = ["WORKLOAD", "CONTAINER", "CURRENT", "CHOSEN", "STATE", "SCANNED", "WHY"];
	const rows = [
		...images.map((image) => ({ namespace: image.namespace, cells: rowOf(image, now) })),
		...refused.map((one) => ({ namespace: one.namespace, cells: refusedRow(one) })),
	];
	const isWhole = namespace === undefined;
	return aligned([
		isWhole ? ["NAMESPACE", ...title] : title,
		...rows.map(({ namespace: of, cells }) => (isWhole ? [of, ...cells] : cells)),
	]);
}

function rowOf({ kind, name, written, record, hindered }: KeptImage, now: Instant): readonly string[] {
	const { container, current, chosen, problem, why, lastScan } = record;
	return [
		`${kind}/${name}`,
		container,
		written?.tag ?? written?.digest ?? current ?? NONE,
		chosen?.tag ?? NONE,
		chosen?.state ?? NONE,
		lastScan === undefined ? NONE : `${ageText(lastScan, now)} ago`,
		oneLine(problem ?? hindered?.message ?? why ?? NONE),
	];
}

function refusedRow({ kind, name, problems }: Refused): readonly string[] {
	return [`${kind}/${name}`, NONE, NONE, NONE, "Invalid", NONE, oneLine(problems.join("; "))];
}
