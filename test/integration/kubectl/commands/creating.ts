import { type Command, once, settled } from "../command.ts";

/** Ways to make objects, and what of them comes back. */
export const creating: readonly Command[] = [
	once("create a namespace", "kubectl create namespace other"),
	once("create a namespace, dry", "kubectl create namespace third --dry-run=server -o yaml"),
	once("create a config map", "kubectl create configmap colours --from-literal=front=blue --from-literal=back=red"),
	once("create a config map, dry", "kubectl create configmap dry --from-literal=a=b --dry-run=server -o yaml"),
	once("create a secret", "kubectl create secret generic login --from-literal=user=ann --from-literal=password=x1"),
	once(
		"create a TLS-less secret in a namespace",
		"kubectl create secret generic login --from-literal=user=bob -n other -o name",
	),
	once("create a service account", "kubectl create serviceaccount robot -o yaml"),
	once("create a service", "kubectl create service clusterip plain --tcp=80:8080"),
	once("create a service, dry", "kubectl create service clusterip dry --tcp=80:8080 --dry-run=server -o yaml"),
	once("create a deployment", "kubectl create deployment api --image=example.com/api:1 --replicas=1 --port=8080"),
	once("create a deployment, dry", "kubectl create deployment dry --image=example.com/api:1 --dry-run=server -o yaml"),
	once("create a role, dry", "kubectl create role reader --verb=get,list --resource=pods --dry-run=server -o yaml"),
	once("create a quota, dry", "kubectl create quota small --hard=pods=3 --dry-run=client -o yaml"),
	...[
		["job", "job dry --image=example.com/api:1"],
		["cron job", "cronjob dry --image=example.com/api:1 --schedule='* * * * *'"],
		["deployment", "deployment dry --image=example.com/api:1"],
		["budget", "pdb dry --selector=app=api --min-available=1"],
		["binding", "rolebinding dry --role=reader --user=ann"],
		["ingress", "ingress dry --rule=example.com/=web:80"],
		["namespace", "namespace dry"],
	].map(([what, line]) =>
		once(
			`who owns which field of a new ${what}`,
			`kubectl create ${line} --dry-run=server -o yaml --show-managed-fields`,
		),
	),
	once("create from a file", "kubectl create -f settings.yaml"),
	once("apply, new", "kubectl apply -f web.yaml"),
	once("apply, unchanged", "kubectl apply -f web.yaml"),
	once("apply over what was created", "kubectl apply -f settings-red.yaml"),
	once("apply on the server's side", "kubectl apply --server-side -f settings-red.yaml -n other"),
	once(
		"apply on the server's side, unchanged",
		"kubectl apply --server-side -f settings-red.yaml -n other -o yaml --show-managed-fields",
	),
	once(
		"apply as another manager, in conflict",
		"kubectl apply --server-side --field-manager=ann -f settings.yaml -n other",
		{ code: 1 },
	),
	once(
		"apply as another manager, by force",
		"sleep 1; kubectl apply --server-side --field-manager=ann --force-conflicts -f settings.yaml -n other",
	),
	settled("who owns which field", "kubectl get configmap settings -n other -o yaml --show-managed-fields"),
	once("apply, dry on the server", "kubectl apply -f web-2.yaml --dry-run=server"),
	once("view what was last applied", "kubectl apply view-last-applied service/web"),
	once("wait for a deployment", "kubectl wait --for=condition=Available deployment/web deployment/api --timeout=20s"),
	once("wait for a value", "kubectl wait --for=jsonpath='{.status.readyReplicas}'=2 deployment/web --timeout=20s"),
	once("wait for nothing", "kubectl wait --for=condition=Available deployment/nobody --timeout=1s", { code: 1 }),
	once("wait in vain", "kubectl wait --for=condition=Sleeping deployment/web --timeout=1s", { code: 1 }),
];
