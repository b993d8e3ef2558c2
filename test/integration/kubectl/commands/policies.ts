import { type Command, once, refused, settled } from "../command.ts";

const map = (...words: readonly string[]) =>
	`kubectl create configmap policed --dry-run=client -o yaml ${words.map((word) => `--from-literal=${word}`).join(" ")}`;
const labelled = "kubectl label -f - --local -o yaml policed=yes";
const create = (...words: readonly string[]) => `${map(...words)} | ${labelled} | kubectl create -f -`;
const change = (patch: string) => `kubectl patch configmap policed --type=merge -p '${patch}'`;

/** What admission policies look at, and in which words they deny it. */
export const policies: readonly Command[] = [
	once("policies", "kubectl apply -f policy.yaml"),
	once("policies again", "kubectl apply -f policy.yaml"),
	settled("policies are listed", "kubectl get validatingadmissionpolicies"),
	settled("bindings of policies are listed", "kubectl get validatingadmissionpolicybindings"),
	settled("a policy and its status", "kubectl get validatingadmissionpolicy sizes -o yaml"),
	settled("a policy as it is described", "kubectl describe validatingadmissionpolicy scales"),
	once("a binding of a policy", "kubectl get validatingadmissionpolicybinding scales -o yaml"),
	once("resources of policies", "kubectl api-resources --api-group=admissionregistration.k8s.io | grep ValidatingAdm"),
	once("a policy explained", "kubectl explain validatingadmissionpolicy.spec.matchConstraints"),
	refused("a policy with many faults", "kubectl create -f policy-wrong.yaml"),
	settled("a policy denies", `${create("size=11", "colour=red")} --dry-run=server`, { code: 1 }),
	refused("a policy denies by an expression without words", create("size=1", "colour=blue")),
	refused("a policy denies what it can't ask about", create("size=1")),
	once("a policy lets pass", create("size=10", "colour=red")),
	refused("exists already, with a policy", create("size=10", "colour=red")),
	refused("exists already, and a policy denies", create("size=12", "colour=red")),
	refused("a policy denies a change", change('{"data":{"size":"50"}}')),
	refused(
		"a policy denies an apply",
		`${map("size=20", "colour=red")} | ${labelled} | kubectl apply --server-side -f -`,
	),
	refused("a policy denies taking the label off", change('{"metadata":{"labels":null},"data":{"size":"51"}}')),
	once("a policy's condition isn't met", change('{"metadata":{"labels":{"exempt":"1"}},"data":{"size":"50"}}')),
	refused("a policy denies a deletion", "kubectl delete configmap policed"),
	once("a policy lets somebody else delete", "kubectl delete configmap policed --as ada --as-group system:masters"),
	once("a deployment to be scaled", "kubectl create deployment policed --image=podinfo:1 --replicas=2"),
	settled("a policy warns", "kubectl scale deploy policed --replicas=4 --dry-run=server"),
	once("a policy warns of a change", `kubectl patch deploy policed --type=merge -p '{"spec":{"replicas":5}}'`),
	once("a policy looks at no deletion that it can't ask about", "kubectl delete deploy policed"),
	refused(
		"a binding of no policy",
		`kubectl patch validatingadmissionpolicybinding sizes --type=merge -p '{"spec":{"policyName":"","validationActions":["Deny","Warn","Deny","Shout"]}}'`,
	),
	refused(
		"a binding without actions",
		`kubectl patch validatingadmissionpolicybinding sizes --type=merge -p '{"spec":{"validationActions":[]}}'`,
	),
	once(
		"a policy changes",
		`kubectl patch validatingadmissionpolicy sizes --type=merge -p '{"spec":{"failurePolicy":"Ignore"}}'`,
	),
	settled(
		"a policy's next generation",
		"kubectl get validatingadmissionpolicy sizes -o jsonpath='{.metadata.generation} {.status}'",
	),
	once("policies are deleted", "kubectl delete -f policy.yaml"),
	once("somebody else", "kubectl auth whoami --as ada -o yaml"),
	once("somebody else, in groups", "kubectl auth whoami --as ada --as-group dev --as-group ops --as-uid 7"),
	once("a service account", "kubectl auth whoami --as system:serviceaccount:default:default"),
];
