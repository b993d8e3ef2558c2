import type { KubeObject } from "../../domain/kube-object.ts";
import type { ServedKind } from "../contract.ts";

const EVENTS = "events.k8s.io/v1";
/** Fields of Events that have another name, in v1 and in events.k8s.io/v1. */
const eventFields = [
	["involvedObject", "regarding"],
	["message", "note"],
	["source", "deprecatedSource"],
	["firstTimestamp", "deprecatedFirstTimestamp"],
	["lastTimestamp", "deprecatedLastTimestamp"],
	["count", "deprecatedCount"],
	["reportingComponent", "reportingController"],
] as const;

/** The object as another version of its kind says it; the object itself when that is its own. */
export function convert(object: KubeObject, to: ServedKind): KubeObject {
	if (object.apiVersion === to.apiVersion) return object;
	if (object.kind === "Event" && (object.apiVersion === EVENTS || to.apiVersion === EVENTS)) return event(object, to);
	return { ...object, apiVersion: to.apiVersion };
}

function event(object: KubeObject, { apiVersion }: ServedKind): KubeObject {
	const isNew = apiVersion === EVENTS;
	const names = new Map<string, string>(eventFields.map(([old, name]) => (isNew ? [old, name] : [name, old])));
	const renamed = Object.entries(object).map(([name, value]) => [names.get(name) ?? name, value]);
	return { ...Object.fromEntries(renamed), apiVersion } as KubeObject;
}
