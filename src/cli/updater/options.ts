import type { ScopeOptions } from "../../updater/loop/scope.ts";
import { parseSchedule } from "../../updater/schedule.ts";
import { isIp } from "./leaders-webhooks.ts";

/** How the operator keeps images up to date. */
export interface UpdaterOptions extends ScopeOptions {
	/** When registries are asked where nobody says when. */
	readonly schedule: string;
	/** Settings of registries, in YAML. */
	readonly registriesFile: string | undefined;
	/** A docker configuration for images whose workloads have no credentials: a file, or its text. May be secret. */
	readonly dockerConfig: string | undefined;
	/** Undefined: webhooks are not served. */
	readonly webhooks: WebhookOptions | undefined;
}

export interface WebhookOptions {
	/** 0 takes any that is free. */
	readonly port: number;
	/** Where other replicas reach this one; undefined when that is not said. */
	readonly ip: string | undefined;
	/** The Secret that holds what webhooks are signed with, in the operator's namespace. */
	readonly secret: string | undefined;
	readonly takesUnsigned: boolean;
	readonly privateRegistry: string | undefined;
	/** Host of the registry that belongs to a GitLab of one's own. */
	readonly gitlabRegistry?: string | undefined;
}

/** What flags say of the updater: undefined when it is off, or a sentence that names the flag. */
export function updaterOptionsFrom(values: ReadonlyMap<string, string>): UpdaterOptions | string | undefined {
	if (values.get("updater") !== "true") return undefined;
	const text = (name: string) => values.get(name)?.trim() || undefined;
	const list = (name: string) =>
		(text(name) ?? "")
			.split(",")
			.map((one) => one.trim())
			.filter(Boolean);
	const schedule = text("updater-schedule") ?? "@every 1m";
	const parsed = parseSchedule(schedule, "standard");
	if (!parsed.ok) return `--updater-schedule: ${parsed.problem}`;
	const selector = list("updater-namespace-selector").map((pair) => pair.split("="));
	if (selector.some((pair) => pair.length !== 2 || pair.includes("")))
		return "--updater-namespace-selector: write labels like team=shop,tier=web";
	const namespaces = list("updater-namespaces");
	const port = Number(text("webhook-port") ?? "9300");
	if (!Number.isInteger(port) || port < 0 || port > 65_535) return "--webhook-port: write a number from 0 to 65535";
	const ip = text("pod-ip");
	if (ip !== undefined && !isIp(ip)) return "--pod-ip: write an IP address";
	return {
		schedule,
		namespaces: namespaces.length === 0 ? undefined : namespaces,
		selector: Object.fromEntries(selector),
		excluded: list("updater-exclude-namespaces"),
		registriesFile: text("registries"),
		dockerConfig: text("docker-config"),
		webhooks:
			port === 0
				? undefined
				: {
						port,
						ip,
						secret: text("webhook-secret"),
						takesUnsigned: values.get("webhook-insecure") === "true",
						privateRegistry: text("webhook-private-registry"),
						gitlabRegistry: text("webhook-gitlab-registry"),
					},
	};
}
