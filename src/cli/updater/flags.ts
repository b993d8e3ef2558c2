import type { Flag } from "../flag.ts";

/** Flags of `haldane run` about images. */
export const updaterFlags: readonly Flag[] = [
	{ name: "updater", value: "BOOL", fallback: "false", describe: "keep images up to date, see docs/updater.md" },
	{
		name: "updater-schedule",
		value: "SCHEDULE",
		fallback: "@every 1m",
		describe: "when registries are asked, where a workload does not say",
	},
	{
		name: "updater-namespaces",
		value: "LIST",
		fallback: "",
		describe: "namespaces whose workloads are kept up to date; all when empty",
	},
	{
		name: "updater-namespace-selector",
		value: "LABELS",
		fallback: "",
		describe: "labels that a namespace must have for that, like team=shop,tier=web",
	},
	{ name: "updater-exclude-namespaces", value: "LIST", fallback: "", describe: "namespaces that are left alone" },
	{
		name: "registries",
		value: "FILE",
		fallback: "",
		describe: "settings of registries: mirrors, certificates, limits; see docs/registries.md",
	},
	{
		name: "docker-config",
		value: "FILE",
		fallback: "",
		env: "DOCKER_REGISTRY_CFG",
		describe: "docker configuration for images whose workloads have no credentials; see docs/registries.md",
	},
	{ name: "webhook-port", value: "N", fallback: "9300", describe: "port of the updater's webhooks; 0 for none" },
	{
		name: "pod-ip",
		value: "IP",
		fallback: "",
		env: "POD_IP",
		describe: "where other replicas reach this one, so that webhooks come to the one that leads",
	},
	{
		name: "webhook-secret",
		value: "NAME",
		fallback: "",
		describe: "Secret of the operator's namespace whose every value is a secret that webhooks are signed with",
	},
	{
		name: "webhook-insecure",
		value: "BOOL",
		fallback: "false",
		describe: "take webhooks that nobody signed",
	},
	{
		name: "webhook-private-registry",
		value: "HOST",
		fallback: "",
		env: "PRIVATE_REGISTRY",
		describe: "registry that images of JFrog's webhooks are in",
	},
	{
		name: "webhook-gitlab-registry",
		value: "HOST",
		fallback: "",
		describe: "registry of the GitLab whose pipelines send webhooks; registry.gitlab.com for gitlab.com",
	},
];
