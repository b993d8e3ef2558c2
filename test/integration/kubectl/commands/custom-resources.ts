import { type Command, once, refused, settled } from "../command.ts";

/** Kinds that a CRD defines. */
export const customResources: readonly Command[] = [
	once("apply a Canary", "kubectl apply -f canary.yaml"),
	settled("table of canaries", "kubectl get canaries"),
	settled("wide table of canaries, by the short name", "kubectl get cny -o wide"),
	settled("by category", "kubectl get haldane"),
	settled("a Canary as YAML", "kubectl get canary web -o yaml --show-managed-fields"),
	settled("describe a Canary", "kubectl describe canary web"),
	once(
		"write its status",
		`kubectl patch canary web --subresource=status --type=merge -p '{"status":{"phase":"Progressing","canaryWeight":20,"failedChecks":1,"iterations":0}}'`,
	),
	settled("its status in the table", "kubectl get canary web"),
	once(
		"its status is not written with the rest",
		`kubectl patch canary web --type=merge -p '{"status":{"phase":"Failed"}}'`,
	),
	once("wait for its phase", "kubectl wait canary/web --for=jsonpath='{.status.phase}'=Progressing --timeout=5s"),
	once(
		"merge patch of a Canary",
		`kubectl patch canary web --type=merge -p '{"spec":{"analysis":{"threshold":4}}}' -o jsonpath='{.spec} {.metadata.generation}'`,
	),
	refused("no strategic patch of a Canary", `kubectl patch canary web -p '{"spec":{"analysis":{"threshold":4}}}'`),
	once("label a Canary", "kubectl label canary web owner=ann"),
	once("apply a Canary on the server's side, in conflict", "kubectl apply --server-side -f canary.yaml", { code: 1 }),
	// The real one names several problems in an order that changes from run to run.
	refused("a Canary that breaks its schema", "kubectl create -f canary-wrong.yaml", { anyOrder: true }),
	refused("a Canary that breaks a rule", "kubectl create -f canary-without-analysis.yaml"),
	refused(
		"a patch that breaks its schema",
		`kubectl patch canary web --type=merge -p '{"spec":{"provider":"pigeons"}}'`,
	),
	refused(
		"an unknown field",
		"sed 's/threshold:/treshold:/; s/name: web$/name: odd/' canary.yaml | kubectl create -f - --validate=strict",
	),
	settled("the definition", "kubectl get crd canaries.haldane.dev"),
	settled(
		"the definition's conditions",
		"kubectl get crd canaries.haldane.dev -o jsonpath='{range .status.conditions[*]}{.type}={.status} {.reason}{\"\\n\"}{end}'",
	),
	once("wait for the definition", "kubectl wait crd/canaries.haldane.dev --for=condition=Established --timeout=5s"),
];
