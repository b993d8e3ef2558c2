import { type Command, once, settled } from "../command.ts";

/** New revisions of a Deployment, and the way back. */
export const rollingOut: readonly Command[] = [
	once("apply a new revision", "kubectl apply -f web-2.yaml"),
	once("its end is told", "kubectl rollout status deployment/web --timeout=20s | tail -1"),
	settled("history", "kubectl rollout history deployment/web"),
	settled("history of one revision", "kubectl rollout history deployment/web --revision=2"),
	settled("replica sets of both revisions", "kubectl get rs -l app=web -o wide", { anyOrder: true }),
	once("set an image", "kubectl set image deployment/web main=example.com/web:3"),
	once("set an environment variable", "kubectl set env deployment/web COLOUR=red SIZE=3"),
	once("list environment variables", "kubectl set env deployment/web --list"),
	once("set resources", "kubectl set resources deployment/web --limits=cpu=200m,memory=128Mi"),
	once("all of it rolls out", "kubectl rollout status deployment/web --timeout=20s | tail -1"),
	settled("what it came to", "kubectl get deploy web -o jsonpath='{.spec.template.spec.containers}'"),
	once("undo", "kubectl rollout undo deployment/web --to-revision=1"),
	once("undo to a revision that is not", "kubectl rollout undo deployment/web --to-revision=77", { code: 1 }),
	once("the way back ends", "kubectl rollout status deployment/web --timeout=20s | tail -1"),
	settled("the old image is back", "kubectl get deploy web -o wide"),
	settled("the revisions have moved", "kubectl rollout history deployment/web"),
	once("pause", "kubectl rollout pause deployment/web"),
	once("pause what is paused", "kubectl rollout pause deployment/web", { code: 1 }),
	settled("a paused deployment says so", "kubectl get deploy web -o jsonpath='{.spec.paused}'"),
	once("resume", "kubectl rollout resume deployment/web"),
	once("restart", "kubectl rollout restart deployment/web"),
	once("the restart ends", "kubectl rollout status deployment/web --timeout=20s | tail -1"),
];
