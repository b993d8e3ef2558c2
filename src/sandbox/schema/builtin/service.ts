import type { KubeObject } from "../../../domain/kube-object.ts";
import type { Json } from "../../contract.ts";
import { dnsLabelProblems, labelProblemsAt } from "../names.ts";
import { duplicate, fieldsOf, forbidden, invalid, itemsOf, type Problem, required } from "../problems.ts";
import { portNameProblems, portProblems } from "./ports.ts";

/** A Service with what a real API server fills in; its address stays once it has one. */
export function serviceWithDefaults(
	object: KubeObject,
	live: KubeObject | undefined,
	clusterIP: (() => string) | undefined,
): KubeObject {
	const given = fieldsOf(object.spec);
	const type = given.type ?? "ClusterIP";
	const spec: Json = {
		...given,
		type,
		sessionAffinity: given.sessionAffinity ?? "None",
		...(given.ports === undefined ? {} : { ports: itemsOf(given.ports).map(port) }),
	};
	const status = object.status ?? { loadBalancer: {} };
	if (type === "ExternalName") return { ...object, spec, status };
	const outside = { externalTrafficPolicy: "Cluster" };
	return {
		...object,
		spec: {
			...(type === "NodePort" || type === "LoadBalancer" ? outside : {}),
			...(type === "LoadBalancer" ? { allocateLoadBalancerNodePorts: true } : {}),
			...{ ipFamilies: ["IPv4"], ipFamilyPolicy: "SingleStack", internalTrafficPolicy: "Cluster" },
			...spec,
			...addresses(given, fieldsOf(live?.spec), clusterIP),
		},
		status,
	};
}

function addresses(given: Json, before: Json, clusterIP: (() => string) | undefined): Json {
	const known = given.clusterIP ?? itemsOf(given.clusterIPs)[0] ?? before.clusterIP;
	const address = known === undefined || known === "" ? clusterIP?.() : known;
	return address === undefined ? {} : { clusterIP: address, clusterIPs: [address] };
}

function port(value: unknown): Json {
	const given = fieldsOf(value);
	const { targetPort } = given;
	return {
		protocol: "TCP",
		...given,
		targetPort: targetPort === 0 || targetPort === "" ? given.port : (targetPort ?? given.port),
	};
}

/** What is wrong with a Service. */
export function serviceProblems(object: KubeObject, live: KubeObject | undefined): readonly Problem[] {
	const spec = fieldsOf(object.spec);
	const ports = itemsOf(spec.ports).map(fieldsOf);
	const problems: Problem[] = [];
	const isExternal = spec.type === "ExternalName";
	if (ports.length === 0 && spec.clusterIP !== "None" && !isExternal) problems.push(required("spec.ports"));
	if (isExternal && (spec.externalName === undefined || spec.externalName === "")) {
		problems.push(required("spec.externalName"));
	}
	const names = new Set<unknown>();
	ports.forEach((one, index) => {
		const at = `spec.ports[${index}]`;
		if (one.name === undefined || one.name === "") {
			if (ports.length > 1) problems.push(required(`${at}.name`));
		} else {
			problems.push(...dnsLabelProblems(String(one.name)).map((why) => invalid(`${at}.name`, one.name, why)));
			if (names.has(one.name)) problems.push(duplicate(`${at}.name`, one.name));
			names.add(one.name);
		}
		problems.push(...portProblems(`${at}.port`, one.port ?? 0));
		const { targetPort } = one;
		if (typeof targetPort === "string") problems.push(...portNameProblems(`${at}.targetPort`, targetPort));
		// What is wrong with the port itself has been said.
		else if (targetPort !== undefined && targetPort !== one.port) {
			problems.push(...portProblems(`${at}.targetPort`, targetPort));
		}
	});
	problems.push(...duplicatePorts(ports), ...labelProblemsAt(spec.selector, "spec.selector"));
	return [...problems, ...addressProblems(spec, live)];
}

/** What is wrong with what a load balancer is said to have given a Service. */
export function serviceStatusProblems({ spec, status }: KubeObject): readonly Problem[] {
	const { ingress } = fieldsOf(fieldsOf(status).loadBalancer);
	if (itemsOf(ingress).length === 0 || fieldsOf(spec).type === "LoadBalancer") return [];
	return [forbidden("status.loadBalancer.ingress", "may only be used when `spec.type` is 'LoadBalancer'")];
}

function duplicatePorts(ports: readonly Json[]): readonly Problem[] {
	const seen = new Set<string>();
	return ports.flatMap(({ port: number, protocol }, index) => {
		const key = `${number}/${protocol}`;
		if (!seen.has(key)) {
			seen.add(key);
			return [];
		}
		const internal = { Name: "", Protocol: protocol, AppProtocol: null, Port: number, TargetPort: 0, NodePort: 0 };
		return [duplicate(`spec.ports[${index}]`, internal)];
	});
}

function addressProblems(spec: Json, live: KubeObject | undefined): readonly Problem[] {
	const { clusterIP, type } = spec;
	const before = fieldsOf(live?.spec);
	if (type === "ExternalName" || clusterIP === undefined || clusterIP === "") return [];
	if (before.type !== "ExternalName" && before.clusterIP !== undefined && before.clusterIP !== clusterIP) {
		return [invalid("spec.clusterIPs[0]", [clusterIP], "may not change once set")];
	}
	if (clusterIP === "None" || /^[0-9a-f:.]+$/i.test(String(clusterIP))) return [];
	return [invalid("spec.clusterIPs[0]", clusterIP, "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)")];
}
