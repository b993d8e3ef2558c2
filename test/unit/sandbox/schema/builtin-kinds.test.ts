import { describe, expect, test } from "vitest";
import type { Schema } from "../../../../src/sandbox/contract.ts";
import { builtinKinds } from "../../../../src/sandbox/schema/builtin-kinds.ts";
import { builtin } from "./support.ts";

/** The node at a path of field names; `[]` is a list's item, `{}` a map's. */
function at(kind: string, path: string): Schema | undefined {
	return path.split(".").reduce<Schema | undefined>((node, step) => {
		if (step === "[]") return node?.items;
		if (step === "{}") return node?.additionalProperties as Schema | undefined;
		return node?.properties?.[step];
	}, builtin(kind).schema);
}

describe("the built-in kinds", () => {
	test.each([
		["Pod", "v1", "pods", "pod", ["po"], ["all"], true, ["status", "binding", "eviction", "log"]],
		["Namespace", "v1", "namespaces", "namespace", ["ns"], [], false, ["status"]],
		["Endpoints", "v1", "endpoints", "endpoints", ["ep"], [], true, []],
		["Deployment", "apps/v1", "deployments", "deployment", ["deploy"], ["all"], true, ["status", "scale"]],
		["Ingress", "networking.k8s.io/v1", "ingresses", "ingress", ["ing"], [], true, ["status"]],
		["Event", "events.k8s.io/v1", "events", "event", ["ev"], [], true, []],
		["NetworkPolicy", "networking.k8s.io/v1", "networkpolicies", "networkpolicy", ["netpol"], [], true, []],
	] as const)(
		"has %s of %s",
		(kind, apiVersion, plural, singular, shortNames, categories, namespaced, subresources) => {
			expect(builtin(kind, apiVersion)).toMatchObject({
				...{ plural, singular, shortNames, categories, namespaced, subresources },
			});
		},
	);

	test.each([
		["events.k8s.io/v1", "Event", "v1"],
		["autoscaling/v1", "HorizontalPodAutoscaler", "autoscaling/v2"],
		["apps/v1", "Deployment", "apps/v1"],
	])("stores %s %s as %s", (apiVersion, kind, storedAs) => {
		expect(builtin(kind, apiVersion).storedAs).toBe(storedAs);
	});

	test("names the preferred version of a group before its others", () => {
		const versions = builtinKinds.filter(({ plural }) => plural === "horizontalpodautoscalers");
		expect(versions.map(({ apiVersion }) => apiVersion)).toEqual(["autoscaling/v2", "autoscaling/v1"]);
	});

	test("has a schema with metadata for every kind", () => {
		for (const { schema } of builtinKinds) {
			expect(schema?.properties?.metadata?.["x-haldane-definition"]).toBe(
				"io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta",
			);
		}
	});
});

describe("the schemas of built-in kinds", () => {
	test.each([
		["Deployment", "spec", "io.k8s.api.apps.v1.DeploymentSpec"],
		["Deployment", "spec.template.spec.containers.[]", "io.k8s.api.core.v1.Container"],
		["HorizontalPodAutoscaler", "spec.metrics.[]", "io.k8s.api.autoscaling.v2.MetricSpec"],
		["EndpointSlice", "ports.[]", "io.k8s.api.discovery.v1.EndpointPort"],
		["Endpoints", "subsets.[].ports.[]", "io.k8s.api.core.v1.EndpointPort"],
		["Lease", "spec.renewTime", "io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime"],
		["Pod", "spec.containers.[].resources.limits.{}", "io.k8s.apimachinery.pkg.api.resource.Quantity"],
		["RoleBinding", "subjects.[]", "io.k8s.api.rbac.v1.Subject"],
	])("%s %s is %s", (kind, path, name) => {
		expect(at(kind, path)?.["x-haldane-definition"]).toBe(name);
	});

	test.each([
		["Pod", "spec.containers", "map", ["name"], "name", "merge"],
		["Pod", "spec.volumes", "map", ["name"], "name", "merge,retainKeys"],
		["Pod", "spec.containers.[].ports", "map", ["containerPort", "protocol"], "containerPort", "merge"],
		["Pod", "spec.containers.[].volumeMounts", "map", ["mountPath"], "mountPath", "merge"],
		["Service", "spec.ports", "map", ["port", "protocol"], "port", "merge"],
		["Deployment", "status.conditions", "map", ["type"], "type", "merge"],
		["Pod", "metadata.ownerReferences", "map", ["uid"], "uid", "merge"],
		["Pod", "metadata.finalizers", "set", undefined, undefined, "merge"],
		["Pod", "spec.containers.[].args", "atomic", undefined, undefined, undefined],
	])("merge %s %s as a %s by %j", (kind, path, listType, keys, mergeKey, strategy) => {
		const node = at(kind, path);
		expect(node?.type).toBe("array");
		expect([
			node?.["x-kubernetes-list-type"],
			node?.["x-kubernetes-list-map-keys"],
			node?.["x-kubernetes-patch-merge-key"],
			node?.["x-kubernetes-patch-strategy"],
		]).toEqual([listType, keys, mergeKey, strategy]);
	});

	test.each([
		["Deployment", "spec.selector"],
		["Service", "spec.selector"],
		["Pod", "spec.nodeSelector"],
		["RoleBinding", "roleRef"],
	])("hold %s %s to be one value", (kind, path) => {
		expect(at(kind, path)?.["x-kubernetes-map-type"]).toBe("atomic");
	});

	test("keep what a field says beside what its model says", () => {
		expect(at("Deployment", "spec.strategy")).toMatchObject({ "x-kubernetes-patch-strategy": "retainKeys" });
		expect(at("Deployment", "spec.strategy.rollingUpdate.maxSurge")).toMatchObject({
			"x-kubernetes-int-or-string": true,
		});
		expect(at("Pod", "spec.containers.[].ports.[].protocol")?.default).toBe("TCP");
	});

	test("are made once, though they contain themselves", () => {
		const schemas = at("CustomResourceDefinition", "spec.versions.[].schema.openAPIV3Schema");
		expect(schemas?.properties?.not?.properties).toBe(schemas?.properties);
		expect(at("Deployment", "spec.template")).toBe(at("StatefulSet", "spec.template"));
	});
});
