import { describe, expect, test } from "vitest";
import type { KubeObject } from "../../../src/domain/kube-object.ts";
import { CANARY_ANNOTATION, type Service, type ServiceRequest, serviceOf } from "../../../src/workloads/service.ts";
import { canaryOf, cart, owner } from "./cart.ts";

const label = { key: "app", value: "cart" };
const selector = { app: "cart-primary", tier: "web" };

function made(service: object = {}, change: Partial<ServiceRequest> = {}): Service {
	const common = { target: cart(), label, selector, name: "cart-primary", role: "primary", owner } as const;
	return serviceOf({ canary: canaryOf(service), ...common, ...change }) as Service;
}

function existing(spec: object, labels: Readonly<Record<string, string>> = {}): KubeObject {
	return { apiVersion: "v1", kind: "Service", metadata: { name: "cart", namespace: "shop", labels }, spec };
}

const port = (number: number, name = "http", targetPort: number | string = number, protocol = "TCP") => ({
	name,
	port: number,
	protocol,
	targetPort,
});

describe("a Service that we make", () => {
	test("selects as asked, belongs to its Canary and is left alone by GitOps tools", () => {
		const { metadata, spec } = made();
		expect(spec).toEqual({ selector, ports: [port(80)] });
		expect(metadata).toEqual({
			name: "cart-primary",
			namespace: "shop",
			labels: { app: "cart-primary", "app.kubernetes.io/managed-by": "haldane" },
			annotations: {
				[CANARY_ANNOTATION]: "cart",
				"kustomize.toolkit.fluxcd.io/reconcile": "disabled",
				"helm.toolkit.fluxcd.io/driftDetection": "disabled",
			},
			ownerReferences: [owner],
		});
	});

	test.each([
		["the name of its port", { portName: "grpc" }, [port(80, "grpc")]],
		["a target port by number", { targetPort: 8080 }, [port(80, "http", 8080)]],
		["a target port by name", { targetPort: "web" }, [port(80, "http", "web")]],
		["an application protocol", { appProtocol: "grpc" }, [{ ...port(80), appProtocol: "grpc" }]],
	])("has %s", (_name, service, ports) => {
		expect(made(service).spec.ports).toEqual(ports);
	});

	test("has its role's own metadata", () => {
		const own = (name: string) => ({ labels: { own: name }, annotations: { own: name } });
		const service = { apex: own("apex"), primary: own("primary"), canary: own("candidate") };
		for (const role of ["apex", "primary", "candidate"] as const) {
			const { labels, annotations } = made(service, { role }).metadata;
			expect([labels?.own, annotations?.own]).toEqual([role, role]);
		}
	});

	test.each([
		["is headless when asked", true, undefined, "None"],
		["is not unless asked", undefined, undefined, undefined],
		["stays as it was made, for no Service can become headless", true, existing({ clusterIP: "10.0.0.1" }), undefined],
	])("%s", (_name, headless, known, clusterIP) => {
		expect(made({ headless }, { existing: known }).spec.clusterIP).toBe(clusterIP);
	});

	test("prefers the pods it is told to", () => {
		expect(made({ trafficDistribution: "PreferClose" }).spec.trafficDistribution).toBe("PreferClose");
		expect(made().spec).not.toHaveProperty("trafficDistribution");
	});
});

describe("port discovery", () => {
	const withPorts = (...containers: readonly object[]) => cart({ pod: { containers } });
	const discovered = (target: ReturnType<typeof cart>, service: object = {}) =>
		made({ targetPort: 8080, portDiscovery: true, ...service }, { target }).spec.ports;

	test.each([
		[
			"adds the other ports of all containers",
			withPorts(
				{ name: "web", ports: [{ containerPort: 8080 }, { name: "metrics", containerPort: 9090 }] },
				{ name: "log", ports: [{ containerPort: 7000 }] },
			),
			{},
			[port(80, "http", 8080), port(9090, "metrics", "metrics"), port(7000, "tcp-7000")],
		],
		[
			"leaves sidecars' ports out",
			withPorts(
				{ name: "web" },
				{ name: "istio-proxy", ports: [{ containerPort: 15090 }] },
				{ name: "envoy", ports: [{ containerPort: 9901 }] },
			),
			{},
			[port(80, "http", 8080)],
		],
		[
			"knows the main port by its name",
			withPorts({
				name: "web",
				ports: [
					{ name: "main", containerPort: 8080 },
					{ name: "admin", containerPort: 81 },
				],
			}),
			{ targetPort: "main" },
			[port(80, "http", "main"), port(81, "admin", "admin")],
		],
		[
			"tells protocols apart",
			withPorts({ name: "dns", ports: [{ containerPort: 53, protocol: "UDP" }, { containerPort: 53 }] }),
			{},
			[port(80, "http", 8080), port(53, "udp-53", 53, "UDP"), port(53, "tcp-53", 53)],
		],
		[
			"names no two ports the same",
			withPorts(
				{ name: "web", ports: [{ name: "metrics", containerPort: 9090 }] },
				{ name: "log", ports: [{ name: "metrics", containerPort: 9091 }] },
			),
			{},
			[port(80, "http", 8080), port(9090, "metrics", "metrics"), port(9091, "tcp-9091")],
		],
		[
			"exposes a port that has the main one's name under another",
			withPorts({ name: "web", ports: [{ containerPort: 8080 }, { name: "http", containerPort: 9000 }] }),
			{},
			[port(80, "http", 8080), port(9000, "tcp-9000")],
		],
		[
			"exposes a port of another protocol beside the main one",
			withPorts({ name: "web", ports: [{ containerPort: 8080 }, { containerPort: 8080, protocol: "UDP" }] }),
			{},
			[port(80, "http", 8080), port(8080, "udp-8080", 8080, "UDP")],
		],
	])("%s", (_name, target, service, ports) => {
		expect(discovered(target, service)).toEqual(ports);
	});
});

describe("a Service that others made", () => {
	const takenOver = (known: KubeObject) => {
		const request = { canary: canaryOf(), target: cart(), label, selector, role: "apex", name: "cart" } as const;
		return serviceOf({ ...request, existing: known }) as Service;
	};

	test("gets our selector and our mark, and nothing else", () => {
		const known = existing({ selector: { app: "cart" }, ports: [{ port: 80, targetPort: "web" }] }, { team: "shop" });
		const { metadata, spec } = takenOver(known);
		expect(spec).toEqual({ selector });
		expect(metadata).toEqual({
			name: "cart",
			namespace: "shop",
			labels: {},
			annotations: { [CANARY_ANNOTATION]: "cart" },
		});
	});

	test("gets the port added when it is missing", () => {
		const known = existing({ ports: [{ name: "admin", port: 81 }] });
		expect(takenOver(known).spec.ports).toEqual([port(80)]);
	});

	test("gets it under another name when its own is taken", () => {
		const known = existing({ ports: [{ name: "http", port: 81 }] });
		expect(takenOver(known).spec.ports).toEqual([port(80, "http-80")]);
	});

	test("keeps its ports when it is ours", () => {
		const known = existing({ ports: [{ port: 80 }] }, { "app.kubernetes.io/managed-by": "haldane" });
		expect(takenOver(known).spec.ports).toEqual([port(80)]);
	});
});
