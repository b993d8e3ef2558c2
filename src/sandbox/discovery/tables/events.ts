import type { KubeObject } from "../../../domain/kube-object.ts";
import { ageOf } from "./ages.ts";
import { at, type Column, count, fields, nameColumn, text, wide, word } from "./column.ts";

/** What `kubectl get events` shows; events of events.k8s.io call half of their fields something else. */
export const eventColumns: readonly Column[] = [
	text("Last Seen", (event, now) => ageOf(lastSeen(event), now)),
	text("Type", ({ type }) => word(type)),
	text("Reason", ({ reason }) => word(reason)),
	text("Object", (event) => {
		const { kind, name } = about(event);
		return word(name) === "" ? word(kind).toLowerCase() : `${word(kind).toLowerCase()}/${word(name)}`;
	}),
	wide("Subobject", (event) => word(about(event).fieldPath)),
	wide("Source", (event) => {
		const { component, host } = fields(event.source ?? event.deprecatedSource);
		const by = word(component) || word(event.reportingComponent ?? event.reportingController);
		const where = word(host) || word(event.reportingInstance);
		return where === "" ? by : `${by}, ${where}`;
	}),
	text("Message", ({ message, note }) => word(message ?? note).trim()),
	wide("First Seen", (event, now) => ageOf(firstSeen(event), now)),
	wide("Count", (event) => count(at(event, "series", "count")) || count(event.count ?? event.deprecatedCount) || 1),
	{ ...nameColumn, priority: 1 },
];

function about(event: KubeObject) {
	return fields(event.involvedObject ?? event.regarding);
}

function firstSeen(event: KubeObject): unknown {
	return event.firstTimestamp ?? event.deprecatedFirstTimestamp ?? event.eventTime;
}

function lastSeen(event: KubeObject): unknown {
	return (
		at(event, "series", "lastObservedTime") ?? event.lastTimestamp ?? event.deprecatedLastTimestamp ?? firstSeen(event)
	);
}
