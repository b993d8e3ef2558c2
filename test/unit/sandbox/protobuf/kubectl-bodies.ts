/** What kubectl 1.34 sends for its `create` commands in base64, and the JSON of its own that says the same. */
export const kubectlBodies = [
	{
		apiVersion: "v1",
		kind: "Namespace",
		content: { metadata: { name: "shop" }, spec: {}, status: {} },
		body: ["azhzAAoPCgJ2MRIJTmFtZXNwYWNlEhwKFAoEc2hvcBIAGgAiACoAMgA4AEIAEgAaAgoAGgAiAA=="],
	},
	{
		apiVersion: "apps/v1",
		kind: "Deployment",
		content: {
			metadata: { name: "web", namespace: "shop", labels: { app: "web" } },
			spec: {
				replicas: 2,
				selector: { matchLabels: { app: "web" } },
				template: {
					metadata: { labels: { app: "web" } },
					spec: { containers: [{ name: "nginx", image: "nginx", ports: [{ containerPort: 80 }], resources: {} }] },
				},
				strategy: {},
			},
			status: {},
		},
		body: [
			"azhzAAoVCgdhcHBzL3YxEgpEZXBsb3ltZW50ErwBCiMKA3dlYhIAGgRzaG9wIgAqADIAOABCAFoKCgNhcHASA3dlYhKGAQgCEgwKCgoDYXBwEg",
			"N3ZWIabAocCgASABoAIgAqADIAOABCAFoKCgNhcHASA3dlYhJMEi4KBW5naW54EgVuZ2lueCoAMgoKABAAGFAiACoAQgBqAHIAgAEAiAEAkAEA",
			"ogEAGgAyAEIASgBSAFgAYABoAIIBAIoBAJoBAMIBACICCgAoADgAGgwIABAAGAAgACgAOAAaACIA",
		],
	},
	{
		apiVersion: "v1",
		kind: "ConfigMap",
		content: { metadata: { name: "settings", namespace: "shop" }, data: { colour: "blue" } },
		body: ["azhzAAoPCgJ2MRIJQ29uZmlnTWFwEi4KHAoIc2V0dGluZ3MSABoEc2hvcCIAKgAyADgAQgASDgoGY29sb3VyEgRibHVlGgAiAA=="],
	},
	{
		apiVersion: "v1",
		kind: "Secret",
		content: { metadata: { name: "login", namespace: "shop" }, data: { password: "aHVudGVyMg==" } },
		body: ["azhzAAoMCgJ2MRIGU2VjcmV0EjIKGQoFbG9naW4SABoEc2hvcCIAKgAyADgAQgASEwoIcGFzc3dvcmQSB2h1bnRlcjIaABoAIgA="],
	},
	{
		apiVersion: "v1",
		kind: "ServiceAccount",
		content: { metadata: { name: "robot", namespace: "shop" } },
		body: ["azhzAAoUCgJ2MRIOU2VydmljZUFjY291bnQSGwoZCgVyb2JvdBIAGgRzaG9wIgAqADIAOABCABoAIgA="],
	},
	{
		apiVersion: "v1",
		kind: "Service",
		content: {
			metadata: { name: "web2", namespace: "shop", labels: { app: "web2" } },
			spec: {
				ports: [{ name: "80-8080", protocol: "TCP", port: 80, targetPort: 8080 }],
				type: "ClusterIP",
				selector: { app: "web2" },
			},
			status: { loadBalancer: {} },
		},
		body: [
			"azhzAAoNCgJ2MRIHU2VydmljZRJwCiUKBHdlYjISABoEc2hvcCIAKgAyADgAQgBaCwoDYXBwEgR3ZWIyEkMKGwoHODAtODA4MBIDVENQGFAiBw",
			"gAEJA/GgAoABILCgNhcHASBHdlYjIaACIJQ2x1c3RlcklQOgBCAFIAWgBgAGgAGgIKABoAIgA=",
		],
	},
	{
		apiVersion: "batch/v1",
		kind: "Job",
		content: {
			metadata: { name: "once", namespace: "shop" },
			spec: {
				template: {
					metadata: {},
					spec: {
						containers: [{ name: "once", image: "busybox", command: ["true"], resources: {} }],
						restartPolicy: "Never",
					},
				},
			},
			status: {},
		},
		body: [
			"azhzAAoPCghiYXRjaC92MRIDSm9iEogBChgKBG9uY2USABoEc2hvcCIAKgAyADgAQgASYjJgChAKABIAGgAiACoAMgA4AEIAEkwSKQoEb25jZR",
			"IHYnVzeWJveBoEdHJ1ZSoAQgBqAHIAgAEAiAEAkAEAogEAGgVOZXZlcjIAQgBKAFIAWABgAGgAggEAigEAmgEAwgEAGgggACgAMAA6ABoAIgA=",
		],
	},
	{
		apiVersion: "batch/v1",
		kind: "CronJob",
		content: {
			metadata: { name: "nightly", namespace: "shop" },
			spec: {
				schedule: "0 3 * * *",
				jobTemplate: {
					metadata: { name: "nightly" },
					spec: {
						template: {
							metadata: {},
							spec: {
								containers: [{ name: "nightly", image: "busybox", command: ["true"], resources: {} }],
								restartPolicy: "OnFailure",
							},
						},
					},
				},
			},
			status: {},
		},
		body: [
			"azhzAAoTCghiYXRjaC92MRIHQ3JvbkpvYhK2AQobCgduaWdodGx5EgAaBHNob3AiACoAMgA4AEIAEpQBCgkwIDMgKiAqICoaACqEAQoXCgduaW",
			"dodGx5EgAaACIAKgAyADgAQgASaTJnChAKABIAGgAiACoAMgA4AEIAElMSLAoHbmlnaHRseRIHYnVzeWJveBoEdHJ1ZSoAQgBqAHIAgAEAiAEA",
			"kAEAogEAGglPbkZhaWx1cmUyAEIASgBSAFgAYABoAIIBAIoBAJoBAMIBABoAGgAiAA==",
		],
	},
	{
		apiVersion: "rbac.authorization.k8s.io/v1",
		kind: "Role",
		content: {
			metadata: { name: "reader", namespace: "shop" },
			rules: [{ verbs: ["get", "list"], apiGroups: [""], resources: ["pods"] }],
		},
		body: [
			"azhzAAokChxyYmFjLmF1dGhvcml6YXRpb24uazhzLmlvL3YxEgRSb2xlEjEKGgoGcmVhZGVyEgAaBHNob3AiACoAMgA4AEIAEhMKA2dldAoEbG",
			"lzdBIAGgRwb2RzGgAiAA==",
		],
	},
	{
		apiVersion: "rbac.authorization.k8s.io/v1",
		kind: "RoleBinding",
		content: {
			metadata: { name: "reads", namespace: "shop" },
			subjects: [{ kind: "ServiceAccount", name: "robot", namespace: "shop" }],
			roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: "reader" },
		},
		body: [
			"azhzAAorChxyYmFjLmF1dGhvcml6YXRpb24uazhzLmlvL3YxEgtSb2xlQmluZGluZxJnChkKBXJlYWRzEgAaBHNob3AiACoAMgA4AEIAEh8KDl",
			"NlcnZpY2VBY2NvdW50EgAaBXJvYm90IgRzaG9wGikKGXJiYWMuYXV0aG9yaXphdGlvbi5rOHMuaW8SBFJvbGUaBnJlYWRlchoAIgA=",
		],
	},
	{
		apiVersion: "rbac.authorization.k8s.io/v1",
		kind: "ClusterRole",
		content: { metadata: { name: "reader" }, rules: [{ verbs: ["get"], apiGroups: [""], resources: ["pods"] }] },
		body: [
			"azhzAAorChxyYmFjLmF1dGhvcml6YXRpb24uazhzLmlvL3YxEgtDbHVzdGVyUm9sZRInChYKBnJlYWRlchIAGgAiACoAMgA4AEIAEg0KA2dldB",
			"IAGgRwb2RzGgAiAA==",
		],
	},
	{
		apiVersion: "rbac.authorization.k8s.io/v1",
		kind: "ClusterRoleBinding",
		content: {
			metadata: { name: "reads" },
			subjects: [{ kind: "User", apiGroup: "rbac.authorization.k8s.io", name: "ann" }],
			roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "reader" },
		},
		body: [
			"azhzAAoyChxyYmFjLmF1dGhvcml6YXRpb24uazhzLmlvL3YxEhJDbHVzdGVyUm9sZUJpbmRpbmcScwoVCgVyZWFkcxIAGgAiACoAMgA4AEIAEi",
			"gKBFVzZXISGXJiYWMuYXV0aG9yaXphdGlvbi5rOHMuaW8aA2FubiIAGjAKGXJiYWMuYXV0aG9yaXphdGlvbi5rOHMuaW8SC0NsdXN0ZXJSb2xl",
			"GgZyZWFkZXIaACIA",
		],
	},
	{
		apiVersion: "networking.k8s.io/v1",
		kind: "Ingress",
		content: {
			metadata: { name: "in", namespace: "shop" },
			spec: {
				rules: [
					{
						host: "shop.example",
						http: {
							paths: [{ path: "/", backend: { service: { name: "web", port: { number: 80 } } }, pathType: "Prefix" }],
						},
					},
				],
			},
			status: { loadBalancer: {} },
		},
		body: [
			"azhzAAofChRuZXR3b3JraW5nLms4cy5pby92MRIHSW5ncmVzcxJOChYKAmluEgAaBHNob3AiACoAMgA4AEIAEjAaLgoMc2hvcC5leGFtcGxlEh",
			"4KHAoaCgEvEg0iCwoDd2ViEgQKABBQGgZQcmVmaXgaAgoAGgAiAA==",
		],
	},
	{
		apiVersion: "policy/v1",
		kind: "PodDisruptionBudget",
		content: {
			metadata: { name: "web", namespace: "shop" },
			spec: { minAvailable: 0, selector: { matchLabels: { app: "web" } } },
			status: { disruptionsAllowed: 0, currentHealthy: 0, desiredHealthy: 0, expectedPods: 0 },
		},
		body: [
			"azhzAAogCglwb2xpY3kvdjESE1BvZERpc3J1cHRpb25CdWRnZXQSPQoXCgN3ZWISABoEc2hvcCIAKgAyADgAQgASFgoGCAAQABoAEgwKCgoDYX",
			"BwEgN3ZWIaCggAGAAgACgAMAAaACIA",
		],
	},
	{
		apiVersion: "autoscaling/v2",
		kind: "HorizontalPodAutoscaler",
		content: {
			metadata: { name: "web" },
			spec: {
				scaleTargetRef: { kind: "Deployment", name: "web", apiVersion: "apps/v1" },
				minReplicas: 1,
				maxReplicas: 3,
				metrics: [
					{ type: "Resource", resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 50 } } },
				],
			},
			status: { desiredReplicas: 0 },
		},
		body: [
			"azhzAAopCg5hdXRvc2NhbGluZy92MhIXSG9yaXpvbnRhbFBvZEF1dG9zY2FsZXISYQoTCgN3ZWISABoAIgAqADIAOABCABJEChoKCkRlcGxveW",
			"1lbnQSA3dlYhoHYXBwcy92MRABGAMiIgoIUmVzb3VyY2UiFgoDY3B1Eg8KC1V0aWxpemF0aW9uIDIaBBgAIAAaACIA",
		],
	},
	{
		apiVersion: "authorization.k8s.io/v1",
		kind: "SelfSubjectAccessReview",
		content: {
			metadata: {},
			spec: { resourceAttributes: { namespace: "shop", verb: "create", resource: "pods" } },
			status: { allowed: false },
		},
		body: [
			"azhzAAoyChdhdXRob3JpemF0aW9uLms4cy5pby92MRIXU2VsZlN1YmplY3RBY2Nlc3NSZXZpZXcSPAoQCgASABoAIgAqADIAOABCABIeChwKBH",
			"Nob3ASBmNyZWF0ZRoAIgAqBHBvZHMyADoAGggIABIAGgAgABoAIgA=",
		],
	},
];
