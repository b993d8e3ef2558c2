/** Models by the package of their definition; whatever is in none of these is in core/v1. Names as the client's classes have them. */
const packages: Readonly<Record<string, string>> = {
	"io.k8s.apimachinery.pkg.apis.meta.v1": `V1Condition V1DeleteOptions V1LabelSelector V1LabelSelectorRequirement
		V1ManagedFieldsEntry V1ObjectMeta V1OwnerReference V1Preconditions V1MicroTime`,
	"io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1": `ApiextensionsV1ServiceReference
		ApiextensionsV1WebhookClientConfig V1CustomResourceColumnDefinition V1CustomResourceConversion
		V1CustomResourceDefinition V1CustomResourceDefinitionCondition V1CustomResourceDefinitionNames
		V1CustomResourceDefinitionSpec V1CustomResourceDefinitionStatus V1CustomResourceDefinitionVersion
		V1CustomResourceSubresourceScale V1CustomResourceSubresources V1CustomResourceValidation V1ExternalDocumentation
		V1JSONSchemaProps V1SelectableField V1ValidationRule V1WebhookConversion`,
	"io.k8s.api.apps.v1": `V1ControllerRevision V1DaemonSet V1DaemonSetCondition V1DaemonSetSpec V1DaemonSetStatus
		V1DaemonSetUpdateStrategy V1Deployment V1DeploymentCondition V1DeploymentSpec V1DeploymentStatus V1DeploymentStrategy
		V1ReplicaSet V1ReplicaSetCondition V1ReplicaSetSpec V1ReplicaSetStatus V1RollingUpdateDaemonSet
		V1RollingUpdateDeployment V1RollingUpdateStatefulSetStrategy V1StatefulSet V1StatefulSetCondition
		V1StatefulSetOrdinals V1StatefulSetPersistentVolumeClaimRetentionPolicy V1StatefulSetSpec V1StatefulSetStatus
		V1StatefulSetUpdateStrategy`,
	"io.k8s.api.autoscaling.v1": `V1CrossVersionObjectReference V1HorizontalPodAutoscaler V1HorizontalPodAutoscalerSpec
		V1HorizontalPodAutoscalerStatus V1Scale V1ScaleSpec V1ScaleStatus`,
	"io.k8s.api.batch.v1": `V1CronJob V1CronJobSpec V1CronJobStatus V1Job V1JobCondition V1JobSpec V1JobStatus
		V1JobTemplateSpec V1PodFailurePolicy V1PodFailurePolicyOnExitCodesRequirement V1PodFailurePolicyOnPodConditionsPattern
		V1PodFailurePolicyRule V1SuccessPolicy V1SuccessPolicyRule V1UncountedTerminatedPods`,
	"io.k8s.api.coordination.v1": "V1Lease V1LeaseSpec",
	"io.k8s.api.discovery.v1": `DiscoveryV1EndpointPort V1Endpoint V1EndpointConditions V1EndpointHints V1EndpointSlice
		V1ForNode V1ForZone`,
	"io.k8s.api.events.v1": "EventsV1Event EventsV1EventSeries",
	"io.k8s.api.networking.v1": `V1HTTPIngressPath V1HTTPIngressRuleValue V1IPBlock V1Ingress V1IngressBackend
		V1IngressLoadBalancerIngress V1IngressLoadBalancerStatus V1IngressPortStatus V1IngressRule V1IngressServiceBackend
		V1IngressSpec V1IngressStatus V1IngressTLS V1NetworkPolicy V1NetworkPolicyEgressRule V1NetworkPolicyIngressRule
		V1NetworkPolicyPeer V1NetworkPolicyPort V1NetworkPolicySpec V1ServiceBackendPort`,
	"io.k8s.api.policy.v1": "V1Eviction V1PodDisruptionBudget V1PodDisruptionBudgetSpec V1PodDisruptionBudgetStatus",
	"io.k8s.api.rbac.v1": `RbacV1Subject V1AggregationRule V1ClusterRole V1ClusterRoleBinding V1PolicyRule V1Role
		V1RoleBinding V1RoleRef`,
};

const packageOf = new Map(
	Object.entries(packages).flatMap(([name, models]) => models.split(/\s+/).map((model) => [model, name] as const)),
);

/** Such as `io.k8s.api.apps.v1.DeploymentSpec` for `V1DeploymentSpec`. */
export function definitionOf(model: string): string {
	const [, version = "V1", name = model] = /^(?:[A-Z][a-z]+)?(V\d(?:alpha\d|beta\d)?)(.+)$/.exec(model) ?? [];
	const home = packageOf.get(model) ?? (version === "V2" ? "io.k8s.api.autoscaling.v2" : "io.k8s.api.core.v1");
	return `${home}.${name}`;
}
