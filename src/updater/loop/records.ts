import { type ImageRecord, RECORDS_MAX, recordsOn } from "../../api/image-record.ts";
import type { KubeObject } from "../../domain/kube-object.ts";
import { imagesOf, type WorkloadImage } from "../workload.ts";
import type { Source } from "./sources.ts";

/** The record of one image: what was written down, or a blank one. */
export function recordOf(image: WorkloadImage, records: readonly ImageRecord[]): ImageRecord {
	const known = records.find(({ container, role }) => container === image.name && role === image.role);
	return { ...(known ?? { container: image.name, role: image.role }), current: image.image };
}

/** What only helps whoever reads it, and follows from the next look at the registry. */
const PASSING = ["why", "passedOver", "lastScan", "problem", "current"] as const;

/** The part of a record that must outlive the process. */
export function lasting(record: ImageRecord): ImageRecord {
	const kept = { ...record } as Record<string, unknown>;
	for (const field of PASSING) delete kept[field];
	for (const field of ["failed", "rejected"])
		if ((kept[field] as readonly unknown[] | undefined)?.length === 0) delete kept[field];
	return kept as ImageRecord;
}

/** Whether there is anything in the record that must outlive the process. */
export function isBlank(record: ImageRecord): boolean {
	const { container: _container, role: _role, ...rest } = lasting(record);
	return Object.keys(rest).length === 0;
}

/** The records, and what is remembered of the workload's other images: nobody asks for those now, and may again. */
export function withOthers(
	records: readonly ImageRecord[],
	known: readonly ImageRecord[],
	workload: KubeObject,
): readonly ImageRecord[] {
	const images = imagesOf(workload);
	const others = known.flatMap(({ container, role, failed = [], rejected = [] }): readonly ImageRecord[] => {
		const isSame = (one: ImageRecord) => one.container === container && one.role === role;
		const isThere = images.some((image) => image.name === container && image.role === role);
		if (!isThere || records.some(isSame) || failed.length + rejected.length === 0) return [];
		return [{ container, role, failed, rejected }];
	});
	return [...records, ...others].slice(0, RECORDS_MAX);
}

/** What was recorded of a workload's images by its source, durably. An ImagePolicy begins with what annotations in its place remembered. */
export function recordsIn(
	source: Source,
	workload: KubeObject,
): { readonly records: readonly ImageRecord[]; readonly problems: readonly string[] } {
	const own = source.kind === "policy" ? source.policy.status?.images : undefined;
	if (own !== undefined) return { records: own, problems: [] };
	const read = recordsOn(workload);
	// What somebody edited is a problem of those who live by it.
	if (source.kind === "policy" && !read.ok) return { records: [], problems: [] };
	return read.ok ? { records: read.records, problems: [] } : { records: [], problems: read.problems };
}
