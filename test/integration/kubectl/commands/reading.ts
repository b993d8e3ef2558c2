import { type Command, once, settled } from "../command.ts";

// Differences that docs/sandbox-differences.md tells of.
const KUBERNETES_SERVICE = /^(service\/)?kubernetes /;
const TOKEN_TRACKING = /kube-apiserver-legacy-service-account-token-tracking/;

/** Ways to look at objects. */
export const reading: readonly Command[] = [
	settled("table of deployments", "kubectl get deployments"),
	settled("wide table of deployments", "kubectl get deploy -o wide"),
	settled("wide table of pods", "kubectl get pods -o wide", { anyOrder: true }),
	settled("wide table of replica sets", "kubectl get rs -o wide"),
	settled("wide table of services", "kubectl get svc -o wide", { without: KUBERNETES_SERVICE }),
	settled("table of endpoint slices", "kubectl get endpointslices -l app=web"),
	settled("table of config maps and secrets", "kubectl get configmaps,secrets"),
	settled("table of namespaces", "kubectl get ns --show-labels"),
	settled("table of service accounts", "kubectl get sa -A"),
	settled("table of nodes", "kubectl get nodes"),
	settled("everything", "kubectl get all -l app=web", { anyOrder: true }),
	settled("all namespaces", "kubectl get configmaps -A", { without: TOKEN_TRACKING }),
	settled("labels as columns", "kubectl get deploy -L tier"),
	settled("labels by existence", "kubectl get deploy,svc -l '!tier' --show-labels", { without: KUBERNETES_SERVICE }),
	settled("labels by set", "kubectl get deploy -l 'app in (web, api),tier notin (back)' -o name"),
	settled("no headers", "kubectl get deploy web --no-headers"),
	settled("names", "kubectl get pods,rs,deploy -o name", { anyOrder: true }),
	settled("a deployment as YAML", "kubectl get deploy web -o yaml"),
	settled("a deployment as JSON", "kubectl get deploy api -o json"),
	settled("a service as YAML", "kubectl get svc web -o yaml"),
	settled("a replica set as YAML", "kubectl get rs -l app=api -o yaml"),
	settled("a pod's spec", "kubectl get pods -l app=api -o yaml | sed '/^  status:/,$d'"),
	settled("a pod's status", "kubectl get pods -l app=api -o yaml | sed -n '/^  status:/,$p'", {
		without: /lastProbeTime|lastTransitionTime|lastState/,
	}),
	settled("a namespace as YAML", "kubectl get ns other -o yaml"),
	settled("a secret as YAML", "kubectl get secret login -o yaml"),
	settled("a node's labels", "kubectl get node bed-node -o jsonpath='{.metadata.labels}'"),
	settled(
		"by JSON path",
		"kubectl get deploy -o jsonpath='{range .items[*]}{.metadata.name}={.spec.replicas}{\"\\n\"}{end}'",
	),
	settled(
		"columns of one's own",
		"kubectl get deploy -o custom-columns=NAME:.metadata.name,IMAGE:.spec.template.spec.containers[*].image,NONE:.spec.none",
	),
	settled(
		"a template",
		"kubectl get svc web plain -o go-template='{{range .items}}{{.metadata.name}} {{.spec.type}}{{\"\\n\"}}{{end}}'",
	),
	settled("by a field", "kubectl get pods --field-selector=status.phase=Running,spec.nodeName=bed-node -o name", {
		anyOrder: true,
	}),
	settled("by a name field", "kubectl get configmaps -A --field-selector=metadata.name=settings"),
	settled("in chunks", "kubectl get configmaps -A --chunk-size=1", { without: TOKEN_TRACKING }),
	settled("sorted", "kubectl get deploy --sort-by='{.spec.replicas}'"),
	settled(
		"sorted by name, backwards columns",
		"kubectl get svc -l app --sort-by=.metadata.name -o custom-columns=P:.spec.ports[0].port,N:.metadata.name",
	),
	settled("none in a namespace", "kubectl get deploy -n other"),
	settled("ignored when missing", "kubectl get deploy nobody --ignore-not-found", { silent: true }),
	settled("a file's objects", "kubectl get -f web.yaml"),
	settled("raw", "kubectl get --raw /api/v1/namespaces/default/configmaps/colours | tr '{},' '\\n\\n\\n' | grep .", {
		anyOrder: true,
	}),
	settled("raw health", "kubectl get --raw /readyz"),
	settled("scale subresource", "kubectl get deploy web --subresource=scale -o yaml"),
	settled("status subresource", "kubectl get deploy api --subresource=status -o jsonpath='{.status.replicas}'"),
	settled("describe a deployment", "kubectl describe deployment web"),
	settled("describe a replica set", "kubectl describe rs -l app=api"),
	settled("describe a service", "kubectl describe service web"),
	settled("describe a pod", "kubectl describe pod -l app=api"),
	settled("describe a config map", "kubectl describe configmap settings"),
	settled("describe a secret", "kubectl describe secret login"),
	settled("describe a namespace", "kubectl describe ns other", { without: /^(No resource quota|No LimitRange|$)/ }),
	settled("events", "kubectl events --for deployment/web", { anyOrder: true }),
	settled(
		"events as objects",
		"kubectl get events --field-selector=involvedObject.kind=Deployment -o custom-columns=R:.reason,M:.message,T:.type",
		{ anyOrder: true },
	),
	settled("watch one that is there", "kubectl get deploy web --watch --request-timeout=1s"),
	once("logs of nobody", "kubectl logs nobody", { code: 1 }),
];
