import type { KubeObject } from "../../../domain/kube-object.ts";
import type { Json } from "../../contract.ts";
import { ageColumn, at, type Column, count, fields, items, nameColumn, text, word } from "./column.ts";

/** What `kubectl get hpa` shows, of both versions. */
export const autoscalerColumns: readonly Column[] = [
	nameColumn,
	text("Reference", (hpa) => {
		const { kind, name } = fields(at(hpa, "spec", "scaleTargetRef"));
		return `${word(kind)}/${word(name)}`;
	}),
	text("Targets", targetsOf),
	text("MinPods", (hpa) => word(at(hpa, "spec", "minReplicas")) || "<unset>"),
	text("MaxPods", (hpa) => count(at(hpa, "spec", "maxReplicas"))),
	text("Replicas", (hpa) => count(at(hpa, "status", "currentReplicas"))),
	ageColumn,
];

const shownTargets = 2;

function targetsOf(hpa: KubeObject): string {
	const current = items(at(hpa, "status", "currentMetrics"));
	const metrics = metricsOf(hpa).map((metric, index) => targetText(fields(metric), fields(current[index])));
	if (metrics.length === 0) return "<none>";
	const shown = metrics.slice(0, shownTargets).join(", ");
	return metrics.length > shownTargets ? `${shown} + ${metrics.length - shownTargets} more...` : shown;
}

/** Version 1 knows of the processors' use alone, and says it in fields of its own. */
function metricsOf(hpa: KubeObject): readonly unknown[] {
	const use = at(hpa, "spec", "targetCPUUtilizationPercentage");
	if (use === undefined) return items(at(hpa, "spec", "metrics"));
	const now = at(hpa, "status", "currentCPUUtilizationPercentage");
	const target = { averageUtilization: use };
	return [{ type: "Resource", resource: { name: "cpu", target, current: { averageUtilization: now } } }];
}

function targetText(metric: Json, status: Json): string {
	const type = word(metric.type);
	const field = `${type.charAt(0).toLowerCase()}${type.slice(1)}`;
	const target = fields(at(metric, field, "target"));
	const now = fields(at(status, field, "current") ?? at(metric, field, "current"));
	const known = (value: unknown, unit = ""): string => (word(value) === "" ? "<unknown>" : `${word(value)}${unit}`);
	if (type === "Resource" || type === "ContainerResource") {
		const isShare = target.averageUtilization !== undefined;
		const [has, wants] = isShare
			? [known(now.averageUtilization, "%"), known(target.averageUtilization, "%")]
			: [known(now.averageValue), known(target.averageValue)];
		return `${word(at(metric, field, "name"))}: ${has}/${wants}`;
	}
	if (type === "Pods") return `${known(now.averageValue)}/${known(target.averageValue)}`;
	return target.averageValue === undefined
		? `${known(now.value)}/${known(target.value)}`
		: `${known(now.averageValue)}/${known(target.averageValue)} (avg)`;
}
