import type { Schema } from "../../contract.ts";

/** What the client's generated models leave out, and what OpenAPI of a cluster says. A list that is not named here is atomic. */
export const fieldExtensions: ReadonlyMap<string, Schema> = new Map<string, Schema>([
	...rows(merging("type"), [
		...["V1DaemonSetStatus", "V1DeploymentStatus", "V1ReplicaSetStatus", "V1StatefulSetStatus"].map(conditions),
		...["V1HorizontalPodAutoscalerStatus", "V2HorizontalPodAutoscalerStatus", "V1NamespaceStatus"].map(conditions),
		...["V1NodeStatus", "V1PersistentVolumeClaimStatus", "V1PodStatus", "V1ServiceStatus"].map(conditions),
		...["V1PodDisruptionBudgetStatus.conditions", "V1NodeStatus.addresses"],
	]),
	...rows({ "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["type"] }, [
		"V1CustomResourceDefinitionStatus.conditions",
	]),
	...rows({ "x-kubernetes-patch-strategy": "merge", "x-kubernetes-patch-merge-key": "type" }, [
		"V1JobStatus.conditions",
	]),
	...rows(merging("name"), [
		...[
			"V1PodSpec.containers",
			"V1PodSpec.ephemeralContainers",
			"V1PodSpec.initContainers",
			"V1PodSpec.imagePullSecrets",
		],
		...["V1PodSpec.schedulingGates", "V1Container.env", "V1EphemeralContainer.env", "V1ServiceAccount.secrets"],
		"V1ContainerStatus.allocatedResourcesStatus",
	]),
	...rows({ ...merging("name"), "x-kubernetes-patch-strategy": "merge,retainKeys" }, [
		...["V1PodSpec.volumes", "V1PodSpec.resourceClaims", "V1PodStatus.resourceClaimStatuses"],
	]),
	...rows(merging("mountPath"), [
		...["V1Container.volumeMounts", "V1EphemeralContainer.volumeMounts", "V1ContainerStatus.volumeMounts"],
	]),
	...rows(merging("devicePath"), ["V1Container.volumeDevices", "V1EphemeralContainer.volumeDevices"]),
	...rows(merging("containerPort", "protocol"), ["V1Container.ports", "V1EphemeralContainer.ports"]),
	...rows(merging("port", "protocol"), ["V1ServiceSpec.ports"]),
	...rows(merging("topologyKey", "whenUnsatisfiable"), ["V1PodSpec.topologySpreadConstraints"]),
	...rows(merging("ip"), ["V1PodSpec.hostAliases", "V1PodStatus.podIPs"]),
	...rows({ "x-kubernetes-patch-strategy": "merge", "x-kubernetes-patch-merge-key": "ip" }, ["V1PodStatus.hostIPs"]),
	...rows(merging("uid"), ["V1ObjectMeta.ownerReferences"]),
	...rows(merging("rule"), ["V1JSONSchemaProps.x-kubernetes-validations"]),
	...rows({ "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["name"] }, [
		"V1ResourceRequirements.claims",
	]),
	...rows({ "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["resourceID"] }, [
		"V1ResourceStatus.resources",
	]),
	...rows({ "x-kubernetes-list-type": "set", "x-kubernetes-patch-strategy": "merge" }, [
		...["V1ObjectMeta.finalizers", "V1NodeSpec.podCIDRs"],
	]),
	...rows({ "x-kubernetes-list-type": "set" }, [
		...["V1Endpoint.addresses", "V1PodFailurePolicyOnExitCodesRequirement.values"],
		...["V1UncountedTerminatedPods.failed", "V1UncountedTerminatedPods.succeeded"],
		"V1ContainerRestartRuleOnExitCodes.values",
	]),
	...rows({ "x-kubernetes-map-type": "atomic" }, ["V1PodSpec.nodeSelector", "V1ServiceSpec.selector"]),
	...rows({ "x-kubernetes-patch-strategy": "retainKeys" }, ["V1DeploymentSpec.strategy"]),
	...rows({ "x-kubernetes-patch-strategy": "replace" }, ["V1PodDisruptionBudgetSpec.selector"]),
	// Keys of lists must be known even when they are left out.
	...rows({ default: "TCP" }, ["V1ContainerPort.protocol", "V1ServicePort.protocol"]),
]);

/** Models whose values have one owner, whatever they say. */
export const ATOMIC_MODELS: ReadonlySet<string> = new Set(
	words(`V1CrossVersionObjectReference V1ConfigMapKeySelector V1EndpointAddress CoreV1EndpointPort V1FileKeySelector
		V1LocalObjectReference V1NodeSelector V1NodeSelectorTerm V1ObjectFieldSelector V1ObjectReference
		V1ResourceFieldSelector V1SecretKeySelector V1TypedLocalObjectReference DiscoveryV1EndpointPort
		V1ServiceBackendPort V1RoleRef RbacV1Subject V1LabelSelector V1OwnerReference`),
);

/** Fields that are quantities, or lists or maps of them. */
export const QUANTITIES: ReadonlySet<string> = new Set(
	words(`V2HPAScalingRules.tolerance V2MetricTarget.averageValue V2MetricTarget.value V2MetricValueStatus.averageValue
		V2MetricValueStatus.value V1ContainerStatus.allocatedResources V1EmptyDirVolumeSource.sizeLimit
		V1NodeStatus.allocatable V1NodeStatus.capacity V1PersistentVolumeClaimStatus.allocatedResources
		V1PersistentVolumeClaimStatus.capacity V1PodSpec.overhead V1ResourceFieldSelector.divisor
		V1ResourceRequirements.limits V1ResourceRequirements.requests V1VolumeResourceRequirements.limits
		V1VolumeResourceRequirements.requests`),
);

/** Of what people write; OpenAPI has more, of statuses and of volumes. */
export const requiredFields: ReadonlyMap<string, readonly string[]> = table(`
	V1Binding: target
	V1ClusterRoleBinding: roleRef
	V1Condition: type status lastTransitionTime reason message
	V1ConfigMapKeySelector: key
	V1Container: name
	V1ContainerPort: containerPort
	V1ControllerRevision: revision
	V1CronJobSpec: schedule jobTemplate
	V1CrossVersionObjectReference: kind name
	V1CustomResourceColumnDefinition: name type jsonPath
	V1CustomResourceConversion: strategy
	V1CustomResourceDefinition: spec
	V1CustomResourceDefinitionCondition: type status
	V1CustomResourceDefinitionNames: plural kind
	V1CustomResourceDefinitionSpec: group names scope versions
	V1CustomResourceDefinitionVersion: name served storage
	V1CustomResourceSubresourceScale: specReplicasPath statusReplicasPath
	V1DaemonSetCondition: type status
	V1DaemonSetSpec: selector template
	V1DeploymentCondition: type status
	V1DeploymentSpec: selector template
	V1Endpoint: addresses
	V1EndpointAddress: ip
	V1EndpointSlice: addressType endpoints
	CoreV1EndpointPort: port
	V1EnvVar: name
	V1EphemeralContainer: name
	CoreV1Event: metadata involvedObject
	EventsV1Event: eventTime
	EventsV1EventSeries: count lastObservedTime
	V1GRPCAction: port
	V1HTTPGetAction: port
	V1HTTPHeader: name value
	V1HTTPIngressPath: pathType backend
	V1HTTPIngressRuleValue: paths
	V1HorizontalPodAutoscalerSpec: scaleTargetRef maxReplicas
	V1HostAlias: ip
	V1HostPathVolumeSource: path
	V1IPBlock: cidr
	V1IngressServiceBackend: name
	V1JobCondition: type status
	V1JobSpec: template
	V1KeyToPath: key path
	V1LabelSelectorRequirement: key operator
	V1NodeSelector: nodeSelectorTerms
	V1NodeSelectorRequirement: key operator
	V1ObjectFieldSelector: fieldPath
	V1OwnerReference: apiVersion kind name uid
	V1PersistentVolumeClaimVolumeSource: claimName
	V1PodAffinityTerm: topologyKey
	V1PodCondition: type status
	V1PodSpec: containers
	V1PolicyRule: verbs
	V1ReplicaSetCondition: type status
	V1ReplicaSetSpec: selector
	V1ReplicaSetStatus: replicas
	V1ResourceFieldSelector: resource
	V1RoleBinding: roleRef
	V1RoleRef: apiGroup kind name
	V1SecretKeySelector: key
	V1ServicePort: port
	V1StatefulSetSpec: selector template
	V1StatefulSetStatus: replicas
	RbacV1Subject: kind name
	V1TCPSocketAction: port
	V1Taint: key effect
	V1TopologySpreadConstraint: maxSkew topologyKey whenUnsatisfiable
	V1ValidationRule: rule
	V1Volume: name
	V1VolumeMount: name mountPath
	V2CrossVersionObjectReference: kind name
	V2HPAScalingPolicy: type value periodSeconds
	V2HorizontalPodAutoscalerCondition: type status
	V2HorizontalPodAutoscalerSpec: scaleTargetRef maxReplicas
	V2MetricIdentifier: name
	V2MetricSpec: type
	V2MetricTarget: type
	V2ResourceMetricSource: name target
`);

/** The words that a field may hold. */
export const enums: ReadonlyMap<string, readonly string[]> = table(`
	V1Container.imagePullPolicy: Always IfNotPresent Never
	V1Container.terminationMessagePolicy: FallbackToLogsOnError File
	V1ContainerPort.protocol: SCTP TCP UDP
	V1CronJobSpec.concurrencyPolicy: Allow Forbid Replace
	V1DaemonSetUpdateStrategy.type: OnDelete RollingUpdate
	V1EndpointSlice.addressType: FQDN IPv4 IPv6
	V1HTTPGetAction.scheme: HTTP HTTPS
	V1HTTPIngressPath.pathType: Exact ImplementationSpecific Prefix
	V1JobSpec.completionMode: Indexed NonIndexed
	V1PodSpec.dnsPolicy: ClusterFirst ClusterFirstWithHostNet Default None
	V1PodSpec.preemptionPolicy: Never PreemptLowerPriority
	V1PodSpec.restartPolicy: Always Never OnFailure
	V1ServicePort.protocol: SCTP TCP UDP
	V1ServiceSpec.externalTrafficPolicy: Cluster Local
	V1ServiceSpec.internalTrafficPolicy: Cluster Local
	V1ServiceSpec.ipFamilyPolicy: PreferDualStack RequireDualStack SingleStack
	V1ServiceSpec.sessionAffinity: ClientIP None
	V1ServiceSpec.type: ClusterIP ExternalName LoadBalancer NodePort
	V1StatefulSetSpec.podManagementPolicy: OrderedReady Parallel
	V1StatefulSetUpdateStrategy.type: OnDelete RollingUpdate
	V1Taint.effect: NoExecute NoSchedule PreferNoSchedule
	V1Toleration.effect: NoExecute NoSchedule PreferNoSchedule
	V1Toleration.operator: Equal Exists
	V1TopologySpreadConstraint.whenUnsatisfiable: DoNotSchedule ScheduleAnyway
`);

/** A list of items that are known by these keys; patches know them by the first. */
function merging(...keys: readonly [string, ...string[]]): Schema {
	return {
		"x-kubernetes-list-type": "map",
		"x-kubernetes-list-map-keys": keys,
		"x-kubernetes-patch-strategy": "merge",
		"x-kubernetes-patch-merge-key": keys[0],
	};
}

function conditions(model: string): string {
	return `${model}.conditions`;
}

function rows(schema: Schema, paths: readonly string[]): readonly (readonly [string, Schema])[] {
	return paths.map((path) => [path, schema]);
}

function table(text: string): ReadonlyMap<string, readonly string[]> {
	return new Map(
		text
			.trim()
			.split("\n")
			.map((line) => line.trim().split(": ") as [string, string])
			.map(([name, said]) => [name, words(said)]),
	);
}

function words(text: string): readonly string[] {
	return text.trim().split(/\s+/);
}
