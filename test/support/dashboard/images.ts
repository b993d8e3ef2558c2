import type { ChosenState, ImageRecord } from "../../../src/api/image-record.ts";
import { RECORD_ANNOTATION } from "../../../src/api/image-record.ts";
import type { KubeObject } from "../../../src/domain/kube-object.ts";
import type { ImageState } from "../../../src/server/dashboard/wire.ts";

const REPOSITORY = "ghcr.io/acme";

export const digestOf = (seed: string): string =>
	`sha256:${[...seed.repeat(64)]
		.map((letter, index) => ((letter.charCodeAt(0) * 7 + index * 11) % 16).toString(16))
		.slice(0, 64)
		.join("")}`;

/** A workload and what asks for its images to be kept up to date. */
export interface DemoImage {
	readonly state: ImageState;
	readonly name: string;
	readonly workload: KubeObject;
	/** Absent where annotations ask for it. */
	readonly policy?: KubeObject;
	readonly records: readonly ImageRecord[];
}

const minutes = (now: number, count: number) => new Date(now + count * 60_000).toISOString().replace(/\.\d+/, "");

interface Wanted {
	readonly name: string;
	readonly state: ImageState;
	readonly current: string;
	readonly record?: Partial<ImageRecord>;
	readonly chosen?: { readonly tag: string; readonly state: ChosenState; readonly why?: string };
	readonly spec?: object;
	readonly kind?: "Deployment" | "DaemonSet" | "StatefulSet" | "CronJob";
	readonly annotations?: Readonly<Record<string, string>>;
}

/** One image in each state, each by the name of its workload. */
export function demoImages(now: number): readonly DemoImage[] {
	const older = { tag: "3.8.2", why: "is not newer than 4.0.2" };
	const wanted: readonly Wanted[] = [
		{
			name: "basket",
			state: "AwaitingApproval",
			current: "1.0.0",
			chosen: { tag: "1.1.0", state: "AwaitingApproval", why: "the highest version within 1.x" },
			spec: { approvals: { required: 2, deadline: "24h" } },
			record: {
				why: "1.1.0 is newer than 1.0.0",
				passedOver: [
					{ tag: "2.0.0", why: "is another major version" },
					{ tag: "1.2.0-rc.1", why: "is a prerelease" },
				],
			},
		},
		{
			name: "catalog",
			state: "AwaitingWindow",
			current: "4.0.1",
			chosen: { tag: "4.0.2", state: "AwaitingWindow" },
			spec: { windows: [{ cron: farFrom(now), duration: "1h", timeZone: "UTC" }] },
			record: { passedOver: [older] },
		},
		{
			name: "checkout",
			state: "AwaitingRollout",
			current: "2.3.0",
			chosen: { tag: "2.4.0", state: "AwaitingRollout" },
		},
		{
			name: "gateway-agent",
			kind: "DaemonSet",
			state: "Problem",
			current: "0.9.1",
			record: { problem: "ghcr.io answered 401: it wants a pull secret that may read acme/gateway-agent" },
		},
		{
			name: "invoices",
			state: "RolledBack",
			current: "3.1.0",
			chosen: { tag: "3.1.0", state: "RolledBack" },
			record: {
				failed: [
					{
						tag: "3.1.0",
						digest: digestOf("3.1.0"),
						at: minutes(now, -42),
						why: "request-success-rate was 71 where at least 99 is asked for",
					},
				],
				why: "3.1.0 was rolled back, and nothing newer is there",
			},
		},
		{ name: "mailer", state: "Writing", current: "5.5.0", chosen: { tag: "5.6.0", state: "Writing" } },
		{
			name: "nightly-report",
			kind: "CronJob",
			state: "Rejected",
			current: "2026.10.1",
			chosen: { tag: "2026.11.1", state: "Rejected" },
			spec: { approvals: { required: 1, deadline: "24h" } },
			record: {
				rejected: [{ tag: "2026.11.1", digest: digestOf("2026.11.1"), at: minutes(now, -90), by: "ada@example.com" }],
			},
		},
		{ name: "orders", state: "RollingOut", current: "7.2.0", chosen: { tag: "7.2.0", state: "RollingOut" } },
		{
			name: "payments",
			state: "Expired",
			current: "1.9.0",
			chosen: { tag: "1.9.1", state: "Expired" },
			record: { rejected: [{ tag: "1.9.1", digest: digestOf("1.9.1"), at: minutes(now, -600) }] },
		},
		{ name: "search", kind: "StatefulSet", state: "Suspended", current: "8.0.0", spec: { suspend: true } },
		{
			name: "stock",
			state: "UpToDate",
			current: "6.4.3",
			chosen: { tag: "6.4.3", state: "RolledOut" },
			annotations: { "haldane.dev/policy": "semver:>=6.4 <7" },
		},
		{ name: "tickets", state: "NotScanned", current: "0.1.0", annotations: { "keel.sh/policy": "minor" } },
	];
	return wanted.map((one) => demoImage(one, now));
}

function demoImage(wanted: Wanted, now: number): DemoImage {
	const { name, state, current, chosen, kind = "Deployment", spec, annotations, record } = wanted;
	const isNew = state === "NotScanned" || state === "Suspended";
	const records: readonly ImageRecord[] = isNew
		? []
		: [
				{
					container: "app",
					role: "container",
					current: `${REPOSITORY}/${name}:${current}`,
					...(annotations === undefined ? { lastScan: minutes(now, -1) } : {}),
					...(chosen === undefined
						? {}
						: {
								chosen: {
									tag: chosen.tag,
									digest: digestOf(chosen.tag),
									why: chosen.why ?? "the highest version that the policy allows",
									at: minutes(now, -15),
									state: chosen.state,
									...(chosen.state === "AwaitingApproval" ? { deadline: minutes(now, 24 * 60 - 15) } : {}),
								},
							}),
					...record,
				},
			];
	const workload = workloadOf(kind, name, current, {
		...annotations,
		...(annotations === undefined || isNew ? {} : { [RECORD_ANNOTATION]: JSON.stringify(records) }),
	});
	if (annotations !== undefined) return { state, name, workload, records };
	const apiVersion = workload.apiVersion;
	const policy: KubeObject = {
		apiVersion: "haldane.dev/v1beta1",
		kind: "ImagePolicy",
		metadata: { name, namespace: "default" },
		spec: {
			targetRef: { apiVersion, kind, name },
			images: [{ containers: ["app"], policy: { type: "minor" } }],
			...spec,
		},
	};
	return { state, name, workload, policy, records };
}

/** Twelve hours away, every day. */
function farFrom(now: number): string {
	return `0 ${(new Date(now).getUTCHours() + 12) % 24} * * *`;
}

function workloadOf(
	kind: NonNullable<Wanted["kind"]>,
	name: string,
	tag: string,
	annotations: Readonly<Record<string, string>>,
): KubeObject {
	const metadata = { name, namespace: "default", annotations };
	const containers = [{ name: "app", image: `${REPOSITORY}/${name}:${tag}` }];
	const template = { metadata: { labels: { app: name } }, spec: { containers } };
	if (kind === "CronJob") {
		const job = { spec: { template: { spec: { restartPolicy: "Never", containers } } } };
		return { apiVersion: "batch/v1", kind, metadata, spec: { schedule: "0 3 1 1 *", suspend: true, jobTemplate: job } };
	}
	const spec = {
		...(kind === "DaemonSet" ? {} : { replicas: 0 }),
		...(kind === "StatefulSet" ? { serviceName: name } : {}),
		selector: { matchLabels: { app: name } },
		template,
	};
	return { apiVersion: "apps/v1", kind, metadata, spec };
}
