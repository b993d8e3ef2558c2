import { type Command, refused } from "../command.ts";

const patchWeb = (patch: string) => `kubectl patch deploy web --type=merge -p '${patch}'`;

/** What is refused, and in which words. */
export const refusals: readonly Command[] = [
	refused("not found", "kubectl get deploy nobody"),
	refused("several, one not found", "kubectl get deploy web nobody -o name"),
	refused("delete what is not there", "kubectl delete configmap nobody"),
	refused("exists already", "kubectl create -f web.yaml"),
	refused("exists already and is invalid", "sed 's/replicas: 2/replicas: -2/' web.yaml | kubectl create -f -"),
	refused(
		"a patch that gives another uid",
		`kubectl patch configmap settings --type=merge -p '{"metadata":{"uid":"another"}}'`,
	),
	refused(
		"a patch that gives a Canary another uid",
		`kubectl patch canary web --type=merge -p '{"metadata":{"uid":"another"}}'`,
	),
	refused(
		"a patch that gives a scale another uid",
		`kubectl patch deploy web --subresource=scale --type=merge -p '{"metadata":{"uid":"another"}}'`,
	),
	refused(
		"in place of an object with another uid",
		"kubectl get configmap settings -o yaml | sed 's/uid: .*/uid: another/' | kubectl replace -f -",
	),
	refused(
		"addresses of no load balancer",
		`kubectl patch svc plain --subresource=status --type=merge -p '{"status":{"loadBalancer":{"ingress":[{"ip":"10.9.8.7"}]}}}'`,
	),
	refused("a namespace exists already", "kubectl create namespace other"),
	refused("no such namespace", "kubectl create configmap lost --from-literal=a=b -n nowhere"),
	refused("a kind nobody knows", "kubectl get colours"),
	refused("a resource of no group", "kubectl get deployments.colours.dev"),
	refused("an invalid name", "kubectl create configmap Bad_Name --from-literal=a=b"),
	refused("an invalid service name", "kubectl create service clusterip 9lives --tcp=80"),
	refused("an invalid namespace", "kubectl create namespace Upper"),
	refused("an invalid label", "kubectl label deploy web 'a=not a label'"),
	refused("an invalid key", `kubectl patch configmap settings --type=merge -p '{"data":{"a b":"c"}}'`),
	refused("unknown fields, strictly", "kubectl create -f unknown-fields.yaml --validate=strict"),
	// One: of two, the real one names both or only the second, as its maps fall out.
	refused(
		"an unknown field on the server's side",
		"sed s/imagge/image/ unknown-fields.yaml | kubectl apply --server-side -f -",
	),
	refused(
		"a wrong type",
		"sed 's/replicas: 2/replicas: two/; s/: web$/: odd/' web.yaml | kubectl create --validate=false -f -",
	),
	refused("a negative count", patchWeb('{"spec":{"replicas":-1}}')),
	refused("an immutable selector", patchWeb('{"spec":{"selector":{"matchLabels":{"app":"other"}}}}')),
	refused("labels that miss the selector", patchWeb('{"spec":{"template":{"metadata":{"labels":{"app":"other"}}}}}')),
	refused("no containers", patchWeb('{"spec":{"template":{"spec":{"containers":[]}}}}')),
	...[
		["a strange scheme", '"containers":[{"name":"main","livenessProbe":{"httpGet":{"port":80,"scheme":"FTP"}}}]'],
		["a strange kind of path", '"volumes":[{"name":"v","hostPath":{"path":"/x","type":"Pipe"}}]'],
		["a strange profile", '"securityContext":{"seccompProfile":{"type":"Odd"}}'],
		["a strange way to pull", '"containers":[{"name":"main","imagePullPolicy":"Perhaps"}]'],
	].map(([name, spec]) => refused(`${name}`, `kubectl patch deploy web -p '{"spec":{"template":{"spec":{${spec}}}}}'`)),
	refused("a strange affinity", `kubectl patch svc plain -p '{"spec":{"sessionAffinity":"Strong"}}'`),
	refused(
		"a strange metric",
		`kubectl autoscale deploy web --max=2 --cpu=50% --name=odd --dry-run=client -o yaml | sed 's/type: Resource/type: Odd/' | kubectl create -f -`,
	),
	refused("a strange quantity", "kubectl set resources deploy/web --limits=cpu=lots"),
	refused(
		"a port out of range",
		`kubectl patch svc web --type=json -p '[{"op":"replace","path":"/spec/ports/0/port","value":70000}]'`,
	),
	refused(
		"an address that is fixed",
		`kubectl patch svc web --type=merge -p '{"spec":{"clusterIP":"10.96.250.250","clusterIPs":["10.96.250.250"]}}'`,
	),
	refused(
		"a stale version",
		`kubectl patch configmap settings --type=merge -p '{"metadata":{"resourceVersion":"1"},"data":{"a":"b"}}'`,
	),
	refused(
		"a JSON patch of nothing",
		`kubectl patch configmap settings --type=json -p '[{"op":"remove","path":"/data/none"}]'`,
	),
	refused("a bad label selector", "kubectl get pods -l 'a in' 2>&1 | sed 's/: found .*//'; false"),
	refused("a bad field selector", "kubectl get pods --field-selector=spec.colour=red"),
	refused("a bad field of a Canary", "kubectl get canaries --field-selector=spec.provider=kubernetes"),
	refused("a missing path", "kubectl get --raw /apis/colours.dev/v1"),
	refused("a missing object, raw", "kubectl get --raw /api/v1/namespaces/default/pods/nobody"),
	refused("a kind that the file invents", "sed 's/kind: ConfigMap/kind: Colours/' settings.yaml | kubectl apply -f -"),
	refused("a kind in a group that the file invents", "sed 's/: v1/: v7/' settings.yaml | kubectl apply -f -"),
	refused("a version that the file invents", "sed 's/beta1/beta9/' canary.yaml | kubectl apply -f -"),
	refused(
		"immutable data",
		`kubectl patch secret login --type=merge -p '{"immutable":true}' && kubectl patch secret login --type=merge -p '{"stringData":{"user":"eve"}}'`,
	),
	refused("rollout of a kind that has none", "kubectl rollout status configmap/settings"),
];
