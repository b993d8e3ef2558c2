import { type Command, once, settled } from "../command.ts";

/** Ways to make an end. */
export const deleting: readonly Command[] = [
	once("delete, dry", "kubectl delete deploy web --dry-run=server"),
	once("delete a pod", "kubectl delete pods -l app=api --wait=false | wc -l"),
	once("delete a pod at once", "kubectl delete pods -l app=api --grace-period=0 --force --wait=false 2>&1 | head -1"),
	settled("another takes its place", "kubectl get pods -l app=api --no-headers"),
	once("delete and leave orphans", "kubectl delete deploy api --cascade=orphan"),
	settled(
		"the orphan stays",
		"kubectl get rs,pods -l app=api -o custom-columns=N:.metadata.name,OWNER:.metadata.ownerReferences[*].kind",
	),
	once("delete orphans in the foreground", "kubectl delete rs -l app=api --cascade=foreground -o name"),
	settled("its pods are gone with it", "kubectl get pods -l app=api"),
	once("delete in the background", "kubectl delete -f web.yaml --cascade=background"),
	settled("nothing of it is left", "kubectl get rs,pods,endpointslices -l app=web"),
	once(
		"hold an object",
		`kubectl patch configmap settings --type=merge -p '{"metadata":{"finalizers":["test.haldane.dev/held"]}}'`,
	),
	once("delete what is held", "kubectl delete configmap settings --wait=false"),
	settled("what is held is still there", "kubectl get configmap settings -o yaml"),
	once(
		"wait for its end",
		`(sleep 1; kubectl patch configmap settings --type=merge -p '{"metadata":{"finalizers":null}}' >&2) 2>/dev/null & kubectl wait --for=delete configmap/settings --timeout=20s; wait`,
	),
	once("delete several by name", "kubectl delete configmap/colours svc/plain"),
	once("delete by selector", "kubectl delete svc -l app=api"),
	once("delete what may be gone", "kubectl delete configmap nobody --ignore-not-found", { silent: true }),
	once("delete all of a kind", "kubectl delete canaries --all"),
	once("delete a namespace", "kubectl delete namespace other"),
	settled("what was in it is gone", "kubectl get configmaps -n other"),
];
