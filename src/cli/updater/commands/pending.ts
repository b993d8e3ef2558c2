import { resources } from "../../../kube/resources.ts";
import { aligned, nextText } from "../../get/table.ts";
import { awaitedAmong, imageText, uncountedBy, votesText } from "./approvals.ts";
import { allImagesKept } from "./images.ts";
import type { Listing } from "./list.ts";
import { oneLine } from "./one-line.ts";
import { listAll } from "./workloads.ts";

/** What waits for people to approve it, a line each. */
export async function pending({ client, namespace, now }: Listing): Promise<string> {
	const [{ images }, approvals] = await Promise.all([
		allImagesKept(client, namespace),
		listAll(client, resources.imageApprovals, namespace),
	]);
	const awaited = awaitedAmong(images, approvals);
	if (awaited.length === 0)
		return `nothing waits for approval in ${namespace === undefined ? "any namespace" : `namespace ${namespace}`}`;
	const title = ["WORKLOAD", "CONTAINER", "IMAGE", "INSTEAD OF", "DIGEST", "APPROVALS", "DEADLINE"];
	const rows = awaited.map((image) => [
		...(namespace === undefined ? [image.namespace] : []),
		`${image.kind}/${image.name}`,
		image.record.container,
		imageText(image),
		image.written.tag ?? "-",
		image.chosen.digest,
		votesText(image),
		nextText(image.chosen.deadline, now),
	]);
	const table = aligned([namespace === undefined ? ["NAMESPACE", ...title] : title, ...rows]);
	const uncounted = awaited.flatMap((image) => {
		const why = uncountedBy(image);
		return why === undefined ? [] : [`${image.kind} ${image.namespace}/${image.name}: ${oneLine(why)}`];
	});
	return [table, ...new Set(uncounted)].join("\n");
}
