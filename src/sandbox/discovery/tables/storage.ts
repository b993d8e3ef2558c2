import { ageColumn, at, type Column, items, nameColumn, text, wide, word } from "./column.ts";

const short: Readonly<Record<string, string>> = {
	...{ ReadWriteOnce: "RWO", ReadOnlyMany: "ROX", ReadWriteMany: "RWX", ReadWriteOncePod: "RWOP" },
};

function accessModes(modes: unknown): string {
	return items(modes)
		.map((mode) => short[word(mode)] ?? word(mode))
		.join(",");
}

const storageClass = text("StorageClass", (object) => word(at(object, "spec", "storageClassName")));
const attributesClass = text(
	"VolumeAttributesClass",
	(object) => word(at(object, "spec", "volumeAttributesClassName")) || "<unset>",
);
const phase = text("Status", (object) => word(at(object, "status", "phase")));
const mode = wide("VolumeMode", (object) => word(at(object, "spec", "volumeMode")) || "<unset>");

/** What a claim has is shown once a volume is bound to it. */
export const claimColumns: readonly Column[] = [
	...[nameColumn, phase, text("Volume", (claim) => word(at(claim, "spec", "volumeName")))],
	text("Capacity", (claim) => word(at(claim, "status", "capacity", "storage"))),
	text("Access Modes", (claim) => accessModes(at(claim, "status", "accessModes"))),
	...[storageClass, attributesClass, ageColumn, mode],
];

export const volumeColumns: readonly Column[] = [
	nameColumn,
	text("Capacity", (volume) => word(at(volume, "spec", "capacity", "storage"))),
	text("Access Modes", (volume) => accessModes(at(volume, "spec", "accessModes"))),
	text("Reclaim Policy", (volume) => word(at(volume, "spec", "persistentVolumeReclaimPolicy"))),
	phase,
	text("Claim", (volume) => {
		const claim = at(volume, "spec", "claimRef");
		return claim === undefined ? "" : `${word(at(claim, "namespace"))}/${word(at(claim, "name"))}`;
	}),
	...[storageClass, attributesClass, text("Reason", (volume) => word(at(volume, "status", "reason")))],
	...[ageColumn, mode],
];

/** How much of what is allowed is used; empty until somebody counts. */
export const quotaColumns: readonly Column[] = [
	nameColumn,
	...["Request", "Limit"].map((name) =>
		text(name, (quota) =>
			Object.entries((at(quota, "status", "hard") ?? {}) as Readonly<Record<string, unknown>>)
				.filter(([resource]) => resource.startsWith("limits.") === (name === "Limit"))
				.sort(([one], [other]) => (one < other ? -1 : 1))
				.map(([resource, hard]) => `${resource}: ${word(at(quota, "status", "used", resource)) || "0"}/${word(hard)}`)
				.join(", "),
		),
	),
	ageColumn,
];
