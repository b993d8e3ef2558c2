import type { KubeObject } from "../../../domain/kube-object.ts";
import {
	ageColumn,
	at,
	type Column,
	fields,
	firstOf,
	items,
	labelsText,
	nameColumn,
	orNone,
	selectorText,
	text,
	wide,
	word,
} from "./column.ts";

const shownAddresses = 3;

export const serviceColumns: readonly Column[] = [
	nameColumn,
	text("Type", (service) => word(at(service, "spec", "type"))),
	text("Cluster-IP", (service) => orNone(word(at(service, "spec", "clusterIP")))),
	text("External-IP", externalAddresses),
	text("Port(s)", (service) => {
		const ports = items(at(service, "spec", "ports")).map((port) => {
			const { port: number, nodePort, protocol } = fields(port);
			return `${number}${nodePort ? `:${nodePort}` : ""}/${word(protocol) || "TCP"}`;
		});
		return orNone(ports.join(","));
	}),
	ageColumn,
	wide("Selector", (service) => labelsText(at(service, "spec", "selector"))),
];

function externalAddresses(service: KubeObject): string {
	const own = items(at(service, "spec", "externalIPs")).map(word);
	switch (at(service, "spec", "type")) {
		case "ExternalName":
			return orNone(word(at(service, "spec", "externalName")));
		case "LoadBalancer": {
			const all = [...balancerAddresses(service), ...own];
			return all.length === 0 ? "<pending>" : all.join(",");
		}
		default:
			return orNone(own.join(","));
	}
}

function balancerAddresses(object: KubeObject): readonly string[] {
	return items(at(object, "status", "loadBalancer", "ingress"))
		.map((ingress) => word(at(ingress, "ip")) || word(at(ingress, "hostname")))
		.filter((address) => address !== "");
}

export const ingressColumns: readonly Column[] = [
	nameColumn,
	text("Class", (ingress) => orNone(word(at(ingress, "spec", "ingressClassName")))),
	text("Hosts", (ingress) => {
		const hosts = items(at(ingress, "spec", "rules")).map((rule) => word(at(rule, "host")));
		return (
			firstOf(
				hosts.filter((host) => host !== ""),
				shownAddresses,
			) || "*"
		);
	}),
	text("Address", (ingress) => balancerAddresses(ingress).join(",")),
	text("Ports", (ingress) => (items(at(ingress, "spec", "tls")).length > 0 ? "80, 443" : "80")),
	ageColumn,
];

export const ingressClassColumns: readonly Column[] = [
	nameColumn,
	text("Controller", (object) => word(at(object, "spec", "controller"))),
	text("Parameters", (object) => {
		const { apiGroup, kind, name } = fields(at(object, "spec", "parameters"));
		if (name === undefined) return "<none>";
		return `${word(kind)}${word(apiGroup) === "" ? "" : `.${apiGroup}`}/${word(name)}`;
	}),
	ageColumn,
];

export const networkPolicyColumns: readonly Column[] = [
	nameColumn,
	text("Pod-Selector", (object) => selectorText(at(object, "spec", "podSelector"))),
	ageColumn,
];

export const endpointSliceColumns: readonly Column[] = [
	nameColumn,
	text("AddressType", (slice) => word(slice.addressType)),
	text("Ports", (slice) => {
		const ports = items(slice.ports).map((port) => word(at(port, "port")) || word(at(port, "name")));
		return firstOf(ports, shownAddresses) || "<unset>";
	}),
	text("Endpoints", (slice) => {
		const addresses = items(slice.endpoints).flatMap((endpoint) => items(at(endpoint, "addresses")).map(word));
		return firstOf(addresses, shownAddresses) || "<unset>";
	}),
	ageColumn,
];

export const endpointsColumns: readonly Column[] = [
	nameColumn,
	text("Endpoints", (endpoints) => {
		const all = items(endpoints.subsets).flatMap((subset) => {
			const addresses = items(at(subset, "addresses")).map((address) => word(at(address, "ip")));
			const ports = items(at(subset, "ports")).map((port) => word(at(port, "port")));
			return ports.length === 0
				? addresses
				: ports.flatMap((port) => addresses.map((ip) => (ip.includes(":") ? `[${ip}]:${port}` : `${ip}:${port}`)));
		});
		return orNone(firstOf(all, shownAddresses));
	}),
	ageColumn,
];
