import { type Command, once, settled } from "../command.ts";

/** Ways to change what is there. */
export const changing: readonly Command[] = [
	once("label", "kubectl label deploy web owner=ann"),
	once("label, taken already", "kubectl label deploy web owner=bob", { code: 1 }),
	once("label, overwritten", "kubectl label deploy web owner=bob --overwrite"),
	once("label, taken away", "kubectl label deploy web owner-"),
	once("annotate", "kubectl annotate configmap settings note='two words' -o yaml"),
	once("annotate, taken away", "kubectl annotate configmap settings note-"),
	once(
		"merge patch",
		`kubectl patch configmap settings --type=merge -p '{"data":{"size":null,"shape":"round"}}' -o yaml`,
	),
	once(
		"JSON patch",
		`kubectl patch configmap settings --type=json -p '[{"op":"test","path":"/data/shape","value":"round"},{"op":"add","path":"/data/depth","value":"3"}]' -o yaml`,
	),
	once(
		"JSON patch that fails its test",
		`kubectl patch configmap settings --type=json -p '[{"op":"test","path":"/data/shape","value":"square"}]'`,
		{ code: 1 },
	),
	once(
		"strategic patch",
		`kubectl patch deploy api -p '{"spec":{"template":{"spec":{"containers":[{"name":"api","env":[{"name":"A","value":"1"}]}]}}}}' -o jsonpath='{.spec.template.spec.containers}'`,
	),
	once("patch without change", `kubectl patch deploy api -p '{"spec":{"replicas":1}}'`),
	once("patch of the scale", `kubectl patch deploy api --subresource=scale --type=merge -p '{"spec":{"replicas":2}}'`),
	once(
		"patch of the status",
		`kubectl patch svc plain --subresource=status --type=merge -p '{"status":{"conditions":[{"type":"Seen","status":"True","reason":"Asked","message":"","lastTransitionTime":"2026-01-01T00:00:00Z"}]}}' -o jsonpath='{.status}'`,
	),
	once("edit", "EDITOR='sed -i s/round/flat/' kubectl edit configmap settings"),
	once("edit without change", "EDITOR='sed -i s/none/no/' kubectl edit configmap settings"),
	settled("what was edited", "kubectl get configmap settings -o yaml"),
	once("diff", "kubectl diff -f settings.yaml", { code: 1 }),
	once("diff of what is alike", "kubectl diff -f web.yaml", { silent: true }),
	once("replace", "kubectl replace -f settings.yaml"),
	once("replace by force", "kubectl replace --force -f settings.yaml"),
	once("expose", "kubectl expose deployment api --port=80 --target-port=8080 --name=api-front"),
	settled("what was exposed", "kubectl get svc api-front -o yaml"),
	once("scale", "kubectl scale deployment api --replicas=1 --current-replicas=2"),
	once("scale from a wrong count", "kubectl scale deployment api --replicas=1 --current-replicas=7", { code: 1 }),
	once(
		"autoscale",
		"kubectl autoscale deployment api --min=1 --max=3 --cpu-percent=50 --name=api-scaler -o jsonpath='{.spec}'",
	),
	settled("an autoscaler as YAML", "kubectl get hpa api-scaler -o jsonpath='{.spec}'"),
	once("delete the autoscaler", "kubectl delete hpa api-scaler"),
	once("set last applied", "kubectl apply set-last-applied -f web.yaml -o name"),
];
