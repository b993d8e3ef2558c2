import { type Command, once } from "../command.ts";

/** What kubectl learns of the API itself. */
export const discovering: readonly Command[] = [
	once(
		"resources of apps",
		"kubectl api-resources --api-group=apps --no-headers | grep -E '^(deployments|replicasets|daemonsets) '",
	),
	once("resources of haldane.dev", "kubectl api-resources --api-group=haldane.dev --categories=haldane"),
	once("verbs of haldane.dev", "kubectl api-resources --api-group=haldane.dev -o wide"),
	once(
		"core resources",
		"kubectl api-resources --api-group='' --no-headers | grep -E '^(configmaps|secrets|services|pods|namespaces|nodes|events|serviceaccounts) '",
	),
	once(
		"resources by verb and name",
		"kubectl api-resources --namespaced=true --verbs=list,watch -o name | grep -E '^(canaries|deployments|pods|horizontalpodautoscalers|leases)[.a-z]*$'",
	),
	once(
		"versions",
		"kubectl api-versions | grep -E '^(v1|apps/v1|autoscaling/v2|haldane.dev/v1beta1|apiextensions.k8s.io/v1)$'",
	),
	once("explain a kind of its own", "kubectl explain canary"),
	once("explain a field of its own", "kubectl explain canary.spec.analysis.webhooks"),
	once("explain all fields of its own", "kubectl explain canary.spec --recursive"),
	once("explain the metadata of a kind of its own", "kubectl explain canary.metadata"),
	once("explain a built-in kind", "kubectl explain deployment"),
	once("explain a built-in kind's fields", "kubectl explain pods.spec.containers"),
	once("explain all fields of a built-in kind", "kubectl explain deployment.spec --recursive"),
	once("explain where a built-in field is", "kubectl explain deployment.spec.replicas"),
	once("explain words that a field may hold", "kubectl explain ingress.spec.rules.http.paths.pathType"),
	once("explain a quantity", "kubectl explain pods.spec.containers.resources.limits"),
	once("explain a number or a text", "kubectl explain services.spec.ports.targetPort"),
	once("explain what contains itself", "kubectl explain crd --recursive"),
	once("explain another version", "kubectl explain hpa.spec --api-version=autoscaling/v1"),
	once("explain who owns which field", "kubectl explain secret.metadata.managedFields.fieldsV1"),
	...["deployment.spec", "canary.spec --recursive", "pods.spec.containers.resources"].map((what) =>
		once("explain in the old way", `kubectl explain ${what} --output=plaintext-openapiv2`),
	),
	once("explain a field that is not", "kubectl explain deployment.spec.colour", { code: 1 }),
	once("explain a kind that is not", "kubectl explain colours", { code: 1 }),
	once("may I", "kubectl auth can-i create deployments"),
	once("may I, in no namespace", "kubectl auth can-i delete nodes"),
];
