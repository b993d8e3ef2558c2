// Made by scripts/generate-protobuf-fields.ts from the wire format that Kubernetes publishes (Apache-2.0): names of
// messages, and numbers, names and types of their fields. How to read it is said in fields.ts.
export default `
# admissionregistration/v1 admissionregistration.k8s.io/v1
AuditAnnotation key=1:s valueExpression=2:s
ExpressionWarning fieldRef=2:s warning=3:s
MatchCondition name=1:s expression=2:s
MatchResources namespaceSelector=1:meta/v1.LabelSelector objectSelector=2:meta/v1.LabelSelector
 resourceRules=3:[]NamedRuleWithOperations excludeResourceRules=4:[]NamedRuleWithOperations matchPolicy=7:s
NamedRuleWithOperations resourceNames=1:[]s ruleWithOperations=2:~RuleWithOperations
ParamKind apiVersion=1:s? kind=2:s?
ParamRef name=1:s? namespace=2:s? selector=3:meta/v1.LabelSelector parameterNotFoundAction=4:s
Rule apiGroups=1:[]s apiVersions=2:[]s resources=3:[]s scope=4:s
RuleWithOperations operations=1:[]s rule=2:~Rule
TypeChecking expressionWarnings=1:[]ExpressionWarning
*ValidatingAdmissionPolicy metadata=1:meta/v1.ObjectMeta spec=2:ValidatingAdmissionPolicySpec
 status=3:ValidatingAdmissionPolicyStatus
*ValidatingAdmissionPolicyBinding metadata=1:meta/v1.ObjectMeta spec=2:ValidatingAdmissionPolicyBindingSpec
ValidatingAdmissionPolicyBindingSpec policyName=1:s? paramRef=2:ParamRef matchResources=3:MatchResources validationActions=4:[]s
ValidatingAdmissionPolicySpec paramKind=1:ParamKind matchConstraints=2:MatchResources validations=3:[]Validation
 failurePolicy=4:s auditAnnotations=5:[]AuditAnnotation matchConditions=6:[]MatchCondition variables=7:[]Variable
ValidatingAdmissionPolicyStatus observedGeneration=1:l? typeChecking=2:TypeChecking conditions=3:[]meta/v1.Condition
Validation expression=1:s message=2:s? reason=3:s messageExpression=4:s?
Variable name=1:s expression=2:s
# api/resource
Quantity =1:s
# apiextensions/v1 apiextensions.k8s.io/v1
CustomResourceColumnDefinition name=1:s type=2:s format=3:s? description=4:s? priority=5:i? jsonPath=6:s
CustomResourceConversion strategy=1:s webhook=2:WebhookConversion
*CustomResourceDefinition metadata=1:meta/v1.ObjectMeta spec=2:CustomResourceDefinitionSpec
 status=3:CustomResourceDefinitionStatus
CustomResourceDefinitionCondition type=1:s status=2:s lastTransitionTime=3:meta/v1.Time reason=4:s? message=5:s?
CustomResourceDefinitionNames plural=1:s singular=2:s? shortNames=3:[]s kind=4:s listKind=5:s? categories=6:[]s
CustomResourceDefinitionSpec group=1:s names=3:CustomResourceDefinitionNames scope=4:s
 versions=7:[]CustomResourceDefinitionVersion conversion=9:CustomResourceConversion preserveUnknownFields=10:b?
CustomResourceDefinitionStatus conditions=1:[]CustomResourceDefinitionCondition acceptedNames=2:CustomResourceDefinitionNames
 storedVersions=3:[]s
CustomResourceDefinitionVersion name=1:s served=2:b storage=3:b deprecated=7:b? deprecationWarning=8:s
 schema=4:CustomResourceValidation subresources=5:CustomResourceSubresources
 additionalPrinterColumns=6:[]CustomResourceColumnDefinition selectableFields=9:[]SelectableField
CustomResourceSubresourceScale specReplicasPath=1:s statusReplicasPath=2:s labelSelectorPath=3:s
CustomResourceSubresourceStatus
CustomResourceSubresources status=1:CustomResourceSubresourceStatus scale=2:CustomResourceSubresourceScale
CustomResourceValidation openAPIV3Schema=1:JSONSchemaProps
ExternalDocumentation description=1:s? url=2:s?
JSON raw=1:y
JSONSchemaProps id=1:s? $schema=2:s? $ref=3:s description=4:s? type=5:s? format=6:s? title=7:s? default=8:JSON maximum=9:d
 exclusiveMaximum=10:b? minimum=11:d exclusiveMinimum=12:b? maxLength=13:l minLength=14:l pattern=15:s? maxItems=16:l
 minItems=17:l uniqueItems=18:b? multipleOf=19:d enum=20:[]JSON maxProperties=21:l minProperties=22:l required=23:[]s
 items=24:JSONSchemaPropsOrArray allOf=25:[]JSONSchemaProps oneOf=26:[]JSONSchemaProps anyOf=27:[]JSONSchemaProps
 not=28:JSONSchemaProps properties=29:{}JSONSchemaProps additionalProperties=30:JSONSchemaPropsOrBool
 patternProperties=31:{}JSONSchemaProps dependencies=32:{}JSONSchemaPropsOrStringArray additionalItems=33:JSONSchemaPropsOrBool
 definitions=34:{}JSONSchemaProps externalDocs=35:ExternalDocumentation example=36:JSON nullable=37:b?
 x-kubernetes-preserve-unknown-fields=38:b x-kubernetes-embedded-resource=39:b? x-kubernetes-int-or-string=40:b?
 x-kubernetes-list-map-keys=41:[]s x-kubernetes-list-type=42:s x-kubernetes-map-type=43:s
 x-kubernetes-validations=44:[]ValidationRule
JSONSchemaPropsOrArray schema=1:JSONSchemaProps jSONSchemas=2:[]JSONSchemaProps
JSONSchemaPropsOrBool allows=1:b schema=2:JSONSchemaProps
JSONSchemaPropsOrStringArray schema=1:JSONSchemaProps property=2:[]s
SelectableField jsonPath=1:s
ServiceReference namespace=1:s name=2:s path=3:s port=4:i
ValidationRule rule=1:s message=2:s? messageExpression=3:s? reason=4:s fieldPath=5:s? optionalOldSelf=6:b
WebhookClientConfig url=3:s service=1:ServiceReference caBundle=2:y?
WebhookConversion clientConfig=2:WebhookClientConfig conversionReviewVersions=3:[]s
# apps/v1 apps/v1
*ControllerRevision metadata=1:meta/v1.ObjectMeta data=2:pkg/runtime.RawExtension revision=3:l
*DaemonSet metadata=1:meta/v1.ObjectMeta spec=2:DaemonSetSpec status=3:DaemonSetStatus
DaemonSetCondition type=1:s status=2:s lastTransitionTime=3:meta/v1.Time reason=4:s? message=5:s?
DaemonSetSpec selector=1:meta/v1.LabelSelector template=2:core/v1.PodTemplateSpec updateStrategy=3:DaemonSetUpdateStrategy
 minReadySeconds=4:i? revisionHistoryLimit=6:i
DaemonSetStatus currentNumberScheduled=1:i numberMisscheduled=2:i desiredNumberScheduled=3:i numberReady=4:i
 observedGeneration=5:l? updatedNumberScheduled=6:i? numberAvailable=7:i? numberUnavailable=8:i? collisionCount=9:i
 conditions=10:[]DaemonSetCondition
DaemonSetUpdateStrategy type=1:s? rollingUpdate=2:RollingUpdateDaemonSet
*Deployment metadata=1:meta/v1.ObjectMeta spec=2:DeploymentSpec status=3:DeploymentStatus
DeploymentCondition type=1:s status=2:s lastUpdateTime=6:meta/v1.Time lastTransitionTime=7:meta/v1.Time reason=4:s? message=5:s?
DeploymentSpec replicas=1:i selector=2:meta/v1.LabelSelector template=3:core/v1.PodTemplateSpec strategy=4:DeploymentStrategy
 minReadySeconds=5:i? revisionHistoryLimit=6:i paused=7:b? progressDeadlineSeconds=9:i
DeploymentStatus observedGeneration=1:l? replicas=2:i? updatedReplicas=3:i? readyReplicas=7:i? availableReplicas=4:i?
 unavailableReplicas=5:i? terminatingReplicas=9:i conditions=6:[]DeploymentCondition collisionCount=8:i
DeploymentStrategy type=1:s? rollingUpdate=2:RollingUpdateDeployment
*ReplicaSet metadata=1:meta/v1.ObjectMeta spec=2:ReplicaSetSpec status=3:ReplicaSetStatus
ReplicaSetCondition type=1:s status=2:s lastTransitionTime=3:meta/v1.Time reason=4:s? message=5:s?
ReplicaSetSpec replicas=1:i minReadySeconds=4:i? selector=2:meta/v1.LabelSelector template=3:core/v1.PodTemplateSpec
ReplicaSetStatus replicas=1:i fullyLabeledReplicas=2:i? readyReplicas=4:i? availableReplicas=5:i? terminatingReplicas=7:i
 observedGeneration=3:l? conditions=6:[]ReplicaSetCondition
RollingUpdateDaemonSet maxUnavailable=1:util/intstr.IntOrString maxSurge=2:util/intstr.IntOrString
RollingUpdateDeployment maxUnavailable=1:util/intstr.IntOrString maxSurge=2:util/intstr.IntOrString
RollingUpdateStatefulSetStrategy partition=1:i maxUnavailable=2:util/intstr.IntOrString
*StatefulSet metadata=1:meta/v1.ObjectMeta spec=2:StatefulSetSpec status=3:StatefulSetStatus
StatefulSetCondition type=1:s status=2:s lastTransitionTime=3:meta/v1.Time reason=4:s? message=5:s?
StatefulSetOrdinals start=1:i
StatefulSetPersistentVolumeClaimRetentionPolicy whenDeleted=1:s? whenScaled=2:s?
StatefulSetSpec replicas=1:i selector=2:meta/v1.LabelSelector template=3:core/v1.PodTemplateSpec
 volumeClaimTemplates=4:[]core/v1.PersistentVolumeClaim serviceName=5:s podManagementPolicy=6:s?
 updateStrategy=7:StatefulSetUpdateStrategy revisionHistoryLimit=8:i minReadySeconds=9:i?
 persistentVolumeClaimRetentionPolicy=10:StatefulSetPersistentVolumeClaimRetentionPolicy ordinals=11:StatefulSetOrdinals
StatefulSetStatus observedGeneration=1:l? replicas=2:i readyReplicas=3:i? currentReplicas=4:i? updatedReplicas=5:i?
 currentRevision=6:s? updateRevision=7:s? collisionCount=9:i conditions=10:[]StatefulSetCondition availableReplicas=11:i
StatefulSetUpdateStrategy type=1:s? rollingUpdate=2:RollingUpdateStatefulSetStrategy
# authentication/v1 authentication.k8s.io/v1
BoundObjectReference kind=1:s? apiVersion=2:s? name=3:s? uid=4:s?
ExtraValue =1:[]s
*SelfSubjectReview metadata=1:meta/v1.ObjectMeta status=2:SelfSubjectReviewStatus
SelfSubjectReviewStatus userInfo=1:UserInfo
*TokenRequest metadata=1:meta/v1.ObjectMeta spec=2:TokenRequestSpec status=3:TokenRequestStatus
TokenRequestSpec audiences=1:[]s expirationSeconds=4:l boundObjectRef=3:BoundObjectReference
TokenRequestStatus token=1:s expirationTimestamp=2:meta/v1.Time
*TokenReview metadata=1:meta/v1.ObjectMeta spec=2:TokenReviewSpec status=3:TokenReviewStatus
TokenReviewSpec token=1:s? audiences=2:[]s
TokenReviewStatus authenticated=1:b? user=2:UserInfo audiences=4:[]s error=3:s?
UserInfo username=1:s? uid=2:s? groups=3:[]s extra=4:{}ExtraValue
# authorization/v1 authorization.k8s.io/v1
ExtraValue =1:[]s
FieldSelectorAttributes rawSelector=1:s? requirements=2:[]meta/v1.FieldSelectorRequirement
LabelSelectorAttributes rawSelector=1:s? requirements=2:[]meta/v1.LabelSelectorRequirement
*LocalSubjectAccessReview metadata=1:meta/v1.ObjectMeta spec=2:SubjectAccessReviewSpec status=3:SubjectAccessReviewStatus
NonResourceAttributes path=1:s? verb=2:s?
NonResourceRule verbs=1:[]s nonResourceURLs=2:[]s
ResourceAttributes namespace=1:s? verb=2:s? group=3:s? version=4:s? resource=5:s? subresource=6:s? name=7:s?
 fieldSelector=8:FieldSelectorAttributes labelSelector=9:LabelSelectorAttributes
ResourceRule verbs=1:[]s apiGroups=2:[]s resources=3:[]s resourceNames=4:[]s
*SelfSubjectAccessReview metadata=1:meta/v1.ObjectMeta spec=2:SelfSubjectAccessReviewSpec status=3:SubjectAccessReviewStatus
SelfSubjectAccessReviewSpec resourceAttributes=1:ResourceAttributes nonResourceAttributes=2:NonResourceAttributes
*SelfSubjectRulesReview metadata=1:meta/v1.ObjectMeta spec=2:SelfSubjectRulesReviewSpec status=3:SubjectRulesReviewStatus
SelfSubjectRulesReviewSpec namespace=1:s?
*SubjectAccessReview metadata=1:meta/v1.ObjectMeta spec=2:SubjectAccessReviewSpec status=3:SubjectAccessReviewStatus
SubjectAccessReviewSpec resourceAttributes=1:ResourceAttributes nonResourceAttributes=2:NonResourceAttributes user=3:s?
 groups=4:[]s extra=5:{}ExtraValue uid=6:s?
SubjectAccessReviewStatus allowed=1:b denied=4:b? reason=2:s? evaluationError=3:s?
SubjectRulesReviewStatus resourceRules=1:[]ResourceRule nonResourceRules=2:[]NonResourceRule incomplete=3:b evaluationError=4:s?
# autoscaling/v1 autoscaling/v1
CrossVersionObjectReference kind=1:s name=2:s apiVersion=3:s?
*HorizontalPodAutoscaler metadata=1:meta/v1.ObjectMeta spec=2:HorizontalPodAutoscalerSpec status=3:HorizontalPodAutoscalerStatus
HorizontalPodAutoscalerSpec scaleTargetRef=1:CrossVersionObjectReference minReplicas=2:i maxReplicas=3:i
 targetCPUUtilizationPercentage=4:i
HorizontalPodAutoscalerStatus observedGeneration=1:l lastScaleTime=2:meta/v1.Time currentReplicas=3:i desiredReplicas=4:i
 currentCPUUtilizationPercentage=5:i
*Scale metadata=1:meta/v1.ObjectMeta spec=2:ScaleSpec status=3:ScaleStatus
ScaleSpec replicas=1:i?
ScaleStatus replicas=1:i selector=2:s?
# autoscaling/v2 autoscaling/v2
ContainerResourceMetricSource name=1:s target=2:MetricTarget container=3:s
ContainerResourceMetricStatus name=1:s current=2:MetricValueStatus container=3:s
CrossVersionObjectReference kind=1:s name=2:s apiVersion=3:s?
ExternalMetricSource metric=1:MetricIdentifier target=2:MetricTarget
ExternalMetricStatus metric=1:MetricIdentifier current=2:MetricValueStatus
HPAScalingPolicy type=1:s value=2:i periodSeconds=3:i
HPAScalingRules stabilizationWindowSeconds=3:i selectPolicy=1:s policies=2:[]HPAScalingPolicy tolerance=4:api/resource.Quantity
*HorizontalPodAutoscaler metadata=1:meta/v1.ObjectMeta spec=2:HorizontalPodAutoscalerSpec status=3:HorizontalPodAutoscalerStatus
HorizontalPodAutoscalerBehavior scaleUp=1:HPAScalingRules scaleDown=2:HPAScalingRules
HorizontalPodAutoscalerCondition type=1:s status=2:s lastTransitionTime=3:meta/v1.Time reason=4:s? message=5:s?
HorizontalPodAutoscalerSpec scaleTargetRef=1:CrossVersionObjectReference minReplicas=2:i maxReplicas=3:i metrics=4:[]MetricSpec
 behavior=5:HorizontalPodAutoscalerBehavior
HorizontalPodAutoscalerStatus observedGeneration=1:l lastScaleTime=2:meta/v1.Time currentReplicas=3:i? desiredReplicas=4:i
 currentMetrics=5:[]MetricStatus conditions=6:[]HorizontalPodAutoscalerCondition
MetricIdentifier name=1:s selector=2:meta/v1.LabelSelector
MetricSpec type=1:s object=2:ObjectMetricSource pods=3:PodsMetricSource resource=4:ResourceMetricSource
 containerResource=7:ContainerResourceMetricSource external=5:ExternalMetricSource
MetricStatus type=1:s object=2:ObjectMetricStatus pods=3:PodsMetricStatus resource=4:ResourceMetricStatus
 containerResource=7:ContainerResourceMetricStatus external=5:ExternalMetricStatus
MetricTarget type=1:s value=2:api/resource.Quantity averageValue=3:api/resource.Quantity averageUtilization=4:i
MetricValueStatus value=1:api/resource.Quantity averageValue=2:api/resource.Quantity averageUtilization=3:i
ObjectMetricSource describedObject=1:CrossVersionObjectReference target=2:MetricTarget metric=3:MetricIdentifier
ObjectMetricStatus metric=1:MetricIdentifier current=2:MetricValueStatus describedObject=3:CrossVersionObjectReference
PodsMetricSource metric=1:MetricIdentifier target=2:MetricTarget
PodsMetricStatus metric=1:MetricIdentifier current=2:MetricValueStatus
ResourceMetricSource name=1:s target=2:MetricTarget
ResourceMetricStatus name=1:s current=2:MetricValueStatus
# batch/v1 batch/v1
*CronJob metadata=1:meta/v1.ObjectMeta spec=2:CronJobSpec status=3:CronJobStatus
CronJobSpec schedule=1:s timeZone=8:s startingDeadlineSeconds=2:l concurrencyPolicy=3:s? suspend=4:b
 jobTemplate=5:JobTemplateSpec successfulJobsHistoryLimit=6:i failedJobsHistoryLimit=7:i
CronJobStatus active=1:[]core/v1.ObjectReference lastScheduleTime=4:meta/v1.Time lastSuccessfulTime=5:meta/v1.Time
*Job metadata=1:meta/v1.ObjectMeta spec=2:JobSpec status=3:JobStatus
JobCondition type=1:s status=2:s lastProbeTime=3:meta/v1.Time lastTransitionTime=4:meta/v1.Time reason=5:s? message=6:s?
JobSpec parallelism=1:i completions=2:i activeDeadlineSeconds=3:l podFailurePolicy=11:PodFailurePolicy
 successPolicy=16:SuccessPolicy backoffLimit=7:i backoffLimitPerIndex=12:i maxFailedIndexes=13:i
 selector=4:meta/v1.LabelSelector manualSelector=5:b template=6:core/v1.PodTemplateSpec ttlSecondsAfterFinished=8:i
 completionMode=9:s suspend=10:b podReplacementPolicy=14:s managedBy=15:s
JobStatus conditions=1:[]JobCondition startTime=2:meta/v1.Time completionTime=3:meta/v1.Time active=4:i? succeeded=5:i?
 failed=6:i? terminating=11:i completedIndexes=7:s? failedIndexes=10:s uncountedTerminatedPods=8:UncountedTerminatedPods
 ready=9:i
JobTemplateSpec metadata=1:meta/v1.ObjectMeta spec=2:JobSpec
PodFailurePolicy rules=1:[]PodFailurePolicyRule
PodFailurePolicyOnExitCodesRequirement containerName=1:s operator=2:s values=3:[]i
PodFailurePolicyOnPodConditionsPattern type=1:s status=2:s
PodFailurePolicyRule action=1:s onExitCodes=2:PodFailurePolicyOnExitCodesRequirement
 onPodConditions=3:[]PodFailurePolicyOnPodConditionsPattern
SuccessPolicy rules=1:[]SuccessPolicyRule
SuccessPolicyRule succeededIndexes=1:s succeededCount=2:i
UncountedTerminatedPods succeeded=1:[]s failed=2:[]s
# coordination/v1 coordination.k8s.io/v1
*Lease metadata=1:meta/v1.ObjectMeta spec=2:LeaseSpec
LeaseSpec holderIdentity=1:s leaseDurationSeconds=2:i acquireTime=3:meta/v1.MicroTime renewTime=4:meta/v1.MicroTime
 leaseTransitions=5:i strategy=6:s preferredHolder=7:s
# discovery/v1 discovery.k8s.io/v1
Endpoint addresses=1:[]s conditions=2:EndpointConditions hostname=3:s targetRef=4:core/v1.ObjectReference
 deprecatedTopology=5:{}s nodeName=6:s zone=7:s hints=8:EndpointHints
EndpointConditions ready=1:b serving=2:b terminating=3:b
EndpointHints forZones=1:[]ForZone forNodes=2:[]ForNode
EndpointPort name=1:s protocol=2:s port=3:i appProtocol=4:s
*EndpointSlice metadata=1:meta/v1.ObjectMeta addressType=4:s endpoints=2:[]Endpoint ports=3:[]EndpointPort
ForNode name=1:s
ForZone name=1:s
# events/v1 events.k8s.io/v1
*Event metadata=1:meta/v1.ObjectMeta eventTime=2:meta/v1.MicroTime series=3:EventSeries reportingController=4:s?
 reportingInstance=5:s? action=6:s? reason=7:s? regarding=8:core/v1.ObjectReference related=9:core/v1.ObjectReference note=10:s?
 type=11:s? deprecatedSource=12:core/v1.EventSource deprecatedFirstTimestamp=13:meta/v1.Time
 deprecatedLastTimestamp=14:meta/v1.Time deprecatedCount=15:i?
EventSeries count=1:i lastObservedTime=2:meta/v1.MicroTime
# meta/v1 meta.k8s.io/v1
Condition type=1:s status=2:s observedGeneration=3:l? lastTransitionTime=4:Time reason=5:s message=6:s
*DeleteOptions gracePeriodSeconds=1:l preconditions=2:Preconditions orphanDependents=3:b propagationPolicy=4:s dryRun=5:[]s
 ignoreStoreReadErrorWithClusterBreakingPotential=6:b
FieldSelectorRequirement key=1:s operator=2:s values=3:[]s
FieldsV1 Raw=1:y
LabelSelector matchLabels=1:{}s matchExpressions=2:[]LabelSelectorRequirement
LabelSelectorRequirement key=1:s operator=2:s values=3:[]s
ListMeta selfLink=1:s? resourceVersion=2:s? continue=3:s? remainingItemCount=4:l
ManagedFieldsEntry manager=1:s? operation=2:s? apiVersion=3:s? time=4:Time fieldsType=6:s? fieldsV1=7:FieldsV1 subresource=8:s?
MicroTime seconds=1:l nanos=2:i
ObjectMeta name=1:s? generateName=2:s? namespace=3:s? selfLink=4:s? uid=5:s? resourceVersion=6:s? generation=7:l?
 creationTimestamp=8:Time? deletionTimestamp=9:Time deletionGracePeriodSeconds=10:l labels=11:{}s annotations=12:{}s
 ownerReferences=13:[]OwnerReference finalizers=14:[]s managedFields=17:[]ManagedFieldsEntry
OwnerReference apiVersion=5:s kind=1:s name=3:s uid=4:s controller=6:b blockOwnerDeletion=7:b
Preconditions uid=1:s resourceVersion=2:s
*Status metadata=1:ListMeta status=2:s? message=3:s? reason=4:s? details=5:StatusDetails code=6:i?
StatusCause reason=1:s? message=2:s? field=3:s?
StatusDetails name=1:s? group=2:s? kind=3:s? uid=6:s? causes=4:[]StatusCause retryAfterSeconds=5:i?
Time seconds=1:l nanos=2:i
# networking/v1 networking.k8s.io/v1
HTTPIngressPath path=1:s? pathType=3:s backend=2:IngressBackend
HTTPIngressRuleValue paths=1:[]HTTPIngressPath
IPBlock cidr=1:s except=2:[]s
*Ingress metadata=1:meta/v1.ObjectMeta spec=2:IngressSpec status=3:IngressStatus
IngressBackend service=4:IngressServiceBackend resource=3:core/v1.TypedLocalObjectReference
*IngressClass metadata=1:meta/v1.ObjectMeta spec=2:IngressClassSpec
IngressClassParametersReference apiGroup=1:s kind=2:s name=3:s scope=4:s namespace=5:s
IngressClassSpec controller=1:s? parameters=2:IngressClassParametersReference
IngressLoadBalancerIngress ip=1:s? hostname=2:s? ports=4:[]IngressPortStatus
IngressLoadBalancerStatus ingress=1:[]IngressLoadBalancerIngress
IngressPortStatus port=1:i protocol=2:s error=3:s
IngressRule host=1:s? ingressRuleValue=2:~IngressRuleValue
IngressRuleValue http=1:HTTPIngressRuleValue
IngressServiceBackend name=1:s port=2:ServiceBackendPort
IngressSpec ingressClassName=4:s defaultBackend=1:IngressBackend tls=2:[]IngressTLS rules=3:[]IngressRule
IngressStatus loadBalancer=1:IngressLoadBalancerStatus
IngressTLS hosts=1:[]s secretName=2:s?
*NetworkPolicy metadata=1:meta/v1.ObjectMeta spec=2:NetworkPolicySpec
NetworkPolicyEgressRule ports=1:[]NetworkPolicyPort to=2:[]NetworkPolicyPeer
NetworkPolicyIngressRule ports=1:[]NetworkPolicyPort from=2:[]NetworkPolicyPeer
NetworkPolicyPeer podSelector=1:meta/v1.LabelSelector namespaceSelector=2:meta/v1.LabelSelector ipBlock=3:IPBlock
NetworkPolicyPort protocol=1:s port=2:util/intstr.IntOrString endPort=3:i
NetworkPolicySpec podSelector=1:meta/v1.LabelSelector ingress=2:[]NetworkPolicyIngressRule egress=3:[]NetworkPolicyEgressRule
 policyTypes=4:[]s
ServiceBackendPort name=1:s? number=2:i?
# pkg/runtime
RawExtension raw=1:y
# policy/v1 policy/v1
*Eviction metadata=1:meta/v1.ObjectMeta deleteOptions=2:meta/v1.DeleteOptions
*PodDisruptionBudget metadata=1:meta/v1.ObjectMeta spec=2:PodDisruptionBudgetSpec status=3:PodDisruptionBudgetStatus
PodDisruptionBudgetSpec minAvailable=1:util/intstr.IntOrString selector=2:meta/v1.LabelSelector
 maxUnavailable=3:util/intstr.IntOrString unhealthyPodEvictionPolicy=4:s
PodDisruptionBudgetStatus observedGeneration=1:l? disruptedPods=2:{}meta/v1.Time disruptionsAllowed=3:i currentHealthy=4:i
 desiredHealthy=5:i expectedPods=6:i conditions=7:[]meta/v1.Condition
# rbac/v1 rbac.authorization.k8s.io/v1
AggregationRule clusterRoleSelectors=1:[]meta/v1.LabelSelector
*ClusterRole metadata=1:meta/v1.ObjectMeta rules=2:[]PolicyRule aggregationRule=3:AggregationRule
*ClusterRoleBinding metadata=1:meta/v1.ObjectMeta subjects=2:[]Subject roleRef=3:RoleRef
PolicyRule verbs=1:[]s apiGroups=2:[]s resources=3:[]s resourceNames=4:[]s nonResourceURLs=5:[]s
*Role metadata=1:meta/v1.ObjectMeta rules=2:[]PolicyRule
*RoleBinding metadata=1:meta/v1.ObjectMeta subjects=2:[]Subject roleRef=3:RoleRef
RoleRef apiGroup=1:s kind=2:s name=3:s
Subject kind=1:s apiGroup=2:s? name=3:s namespace=4:s?
# util/intstr
IntOrString type=1:l intVal=2:i strVal=3:s
`;
