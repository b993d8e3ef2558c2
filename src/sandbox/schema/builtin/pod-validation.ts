import type { Json } from "../../contract.ts";
import { dnsLabelProblems } from "../names.ts";
import { duplicate, fieldsOf, forbidden, invalid, isObject, itemsOf, type Problem, required } from "../problems.ts";
import { nanosOf } from "../quantity.ts";
import { portNameProblems, portProblems } from "./ports.ts";

const PROBES = ["livenessProbe", "readinessProbe", "startupProbe"];
const TIMES = [
	...["initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold"],
	"terminationGracePeriodSeconds",
];
const HANDLERS = ["exec", "httpGet", "tcpSocket", "grpc"];

/** What is wrong with the spec of a pod, or of a template. */
export function podSpecProblems(value: unknown, at: string): readonly Problem[] {
	const spec = fieldsOf(value);
	const volumes = new Set<unknown>();
	const problems: Problem[] = [];
	itemsOf(spec.volumes).forEach((volume, index) => {
		problems.push(...named(fieldsOf(volume).name, `${at}.volumes[${index}].name`, volumes));
	});
	const containers = itemsOf(spec.containers).map(fieldsOf);
	if (containers.length === 0) problems.push(required(`${at}.containers`));
	const names = new Set<unknown>();
	containers.forEach((container, index) => {
		problems.push(...containerProblems(container, `${at}.containers[${index}]`, names, volumes));
	});
	itemsOf(spec.initContainers).forEach((container, index) => {
		problems.push(...containerProblems(fieldsOf(container), `${at}.initContainers[${index}]`, names, volumes));
	});
	const grace = spec.terminationGracePeriodSeconds;
	if (typeof grace === "number" && grace < 0) {
		problems.push(notNegative(`${at}.terminationGracePeriodSeconds`, grace));
	}
	return problems;
}

export function notNegative(at: string, value: unknown): Problem {
	return invalid(at, value, "must be greater than or equal to 0");
}

/** A name that must be there, be a DNS label, and be the only one of its kind. */
function named(name: unknown, at: string, seen: Set<unknown>): readonly Problem[] {
	if (name === undefined || name === "") return [required(at)];
	const problems = dnsLabelProblems(String(name)).map((why) => invalid(at, name, why));
	if (seen.has(name)) return [...problems, duplicate(at, name)];
	seen.add(name);
	return problems;
}

function containerProblems(
	container: Json,
	at: string,
	names: Set<unknown>,
	volumes: ReadonlySet<unknown>,
): readonly Problem[] {
	const problems: Problem[] = [...named(container.name, `${at}.name`, names)];
	const { image } = container;
	if (image === undefined || image === "") problems.push(required(`${at}.image`));
	else if (String(image) !== String(image).trim()) {
		problems.push(invalid(`${at}.image`, image, "must not have leading or trailing whitespace"));
	}
	problems.push(...containerPortProblems(itemsOf(container.ports).map(fieldsOf), `${at}.ports`));
	itemsOf(container.env).forEach((variable, index) => {
		problems.push(...variableProblems(fieldsOf(variable).name, `${at}.env[${index}].name`));
	});
	itemsOf(container.volumeMounts).forEach((mount, index) => {
		problems.push(...mountProblems(fieldsOf(mount), `${at}.volumeMounts[${index}]`, volumes));
	});
	for (const name of PROBES) {
		const probe = container[name];
		if (isObject(probe)) problems.push(...probeProblems(probe, `${at}.${name}`));
	}
	return [...problems, ...resourceProblems(fieldsOf(container.resources), `${at}.resources`)];
}

function containerPortProblems(ports: readonly Json[], at: string): readonly Problem[] {
	const names = new Set<unknown>();
	return ports.flatMap(({ name, containerPort }, index) => {
		const here = `${at}[${index}]`;
		const problems: Problem[] = [];
		if (name !== undefined && name !== "") {
			const bad = portNameProblems(`${here}.name`, String(name));
			problems.push(...bad);
			if (bad.length === 0 && names.has(name)) problems.push(duplicate(`${here}.name`, name));
			names.add(name);
		}
		if (containerPort === undefined || containerPort === 0) problems.push(required(`${here}.containerPort`));
		else problems.push(...portProblems(`${here}.containerPort`, containerPort));
		return problems;
	});
}

function variableProblems(name: unknown, at: string): readonly Problem[] {
	if (name === undefined || name === "") return [required(at)];
	if (/^[ -<>-~]+$/.test(String(name))) return [];
	return [
		invalid(
			at,
			name,
			"a valid environment variable name must consist only of printable ASCII characters other than '='",
		),
	];
}

function mountProblems({ name, mountPath }: Json, at: string, volumes: ReadonlySet<unknown>): readonly Problem[] {
	const problems: Problem[] = [];
	if (name === undefined || name === "") problems.push(required(`${at}.name`));
	else if (!volumes.has(name)) {
		problems.push({
			...{ field: `${at}.name`, reason: "FieldValueNotFound" },
			message: `Not found: ${JSON.stringify(name)}`,
		});
	}
	if (mountPath === undefined || mountPath === "") problems.push(required(`${at}.mountPath`));
	return problems;
}

function probeProblems(probe: Json, at: string): readonly Problem[] {
	const problems: Problem[] = [];
	const handlers = HANDLERS.filter((name) => probe[name] !== undefined);
	if (handlers.length === 0) problems.push(required(at, "must specify a handler type"));
	handlers.forEach((name, index) => {
		if (index > 0) problems.push(forbidden(`${at}.${name}`, "may not specify more than 1 handler type"));
		const { port } = fieldsOf(probe[name]);
		if (name === "exec" || index > 0) return;
		if (typeof port === "string") problems.push(...portNameProblems(`${at}.${name}.port`, port));
		else problems.push(...portProblems(`${at}.${name}.port`, port ?? 0));
	});
	for (const name of TIMES) {
		const time = probe[name];
		if (typeof time === "number" && time < 0) problems.push(notNegative(`${at}.${name}`, time));
	}
	return problems;
}

function resourceProblems(resources: Json, at: string): readonly Problem[] {
	const problems: Problem[] = [];
	const limits = fieldsOf(resources.limits);
	for (const field of ["limits", "requests"]) {
		for (const [name, amount] of Object.entries(fieldsOf(resources[field]))) {
			if ((nanosOf(amount) ?? 0n) < 0n) problems.push(notNegative(`${at}.${field}[${name}]`, amount));
			if (field === "limits" || limits[name] === undefined) continue;
			if ((nanosOf(amount) ?? 0n) > (nanosOf(limits[name]) ?? 0n)) {
				const why = `must be less than or equal to ${name} limit of ${limits[name]}`;
				problems.push(invalid(`${at}.requests`, amount, why));
			}
		}
	}
	return problems;
}
