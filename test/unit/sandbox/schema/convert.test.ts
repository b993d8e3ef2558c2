import { describe, expect, test } from "vitest";
import type { KubeObject } from "../../../../src/domain/kube-object.ts";
import { convert } from "../../../../src/sandbox/schema/convert.ts";
import { builtin, foo, kindWith } from "./support.ts";

const newEvents = builtin("Event", "events.k8s.io/v1");
const oldScaler = builtin("HorizontalPodAutoscaler", "autoscaling/v1");
const newScaler = builtin("HorizontalPodAutoscaler", "autoscaling/v2");

describe("an object in another version", () => {
	test("is itself in its own", () => {
		const object = foo({ a: 1 });
		expect(convert(object, kindWith({}))).toBe(object);
	});

	test("differs in its version alone, of custom resources", () => {
		expect(convert(foo({ a: 1 }), { ...kindWith({}), apiVersion: "x.dev/v2" })).toEqual({
			...foo({ a: 1 }),
			apiVersion: "x.dev/v2",
		});
	});

	test("has other names for its fields, of Events, and those again on the way back", () => {
		const event: KubeObject = {
			...{ apiVersion: "v1", kind: "Event", metadata: { name: "e" }, type: "Normal", reason: "r" },
			...{ involvedObject: { kind: "Pod" }, message: "m", source: { component: "c" }, count: 2 },
			...{ firstTimestamp: "1", lastTimestamp: "2", reportingComponent: "x" },
		};
		const converted = convert(event, newEvents);
		expect(converted).toEqual({
			...{ apiVersion: "events.k8s.io/v1", kind: "Event", metadata: { name: "e" }, type: "Normal", reason: "r" },
			...{ regarding: { kind: "Pod" }, note: "m", deprecatedSource: { component: "c" }, deprecatedCount: 2 },
			...{ deprecatedFirstTimestamp: "1", deprecatedLastTimestamp: "2", reportingController: "x" },
		});
		expect(convert(converted, builtin("Event", "v1"))).toEqual(event);
	});

	test("says the same, of autoscalers, and loses nothing on the way there and back", () => {
		const cpu = {
			type: "Resource",
			resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 50 } },
		};
		const memory = {
			type: "Resource",
			resource: { name: "memory", target: { type: "AverageValue", averageValue: "1Gi" } },
		};
		const scaler: KubeObject = {
			...{ apiVersion: "autoscaling/v2", kind: "HorizontalPodAutoscaler", metadata: { name: "x" } },
			spec: { maxReplicas: 3, metrics: [cpu, memory], behavior: { scaleDown: { selectPolicy: "Max" } } },
		};
		const old = convert(scaler, oldScaler);
		expect(old.apiVersion).toBe("autoscaling/v1");
		expect(old.spec).toEqual({ maxReplicas: 3, targetCPUUtilizationPercentage: 50 });
		expect(convert(old, newScaler)).toEqual(scaler);
	});
});
