import { equal } from "../../../domain/contains.ts";
import { type KubeObject, keyOf, refOf } from "../../../domain/kube-object.ts";
import type { Json } from "../../contract.ts";
import { type Controller, namesIn, type Surroundings } from "../controller.ts";
import { canonical } from "../hash.ts";
import {
	compact,
	ENDPOINT_SLICE,
	isControlledBy,
	isPodReady,
	NODE,
	ownedBy,
	POD,
	type Pod,
	SERVICE,
	unnamed,
} from "../kinds.ts";
import { hasSelector, isServed, type Service, targetPortOf } from "./service-ports.ts";

const SERVICE_NAME = "kubernetes.io/service-name";
const MANAGED_BY = "endpointslice.kubernetes.io/managed-by";
const MANAGER = "endpointslice-controller.k8s.io";
const HEADLESS = "service.kubernetes.io/headless";
/** As many as Kubernetes puts into one slice. */
const ENDPOINTS_MAX = 100;

interface Slice extends KubeObject {
	readonly endpoints?: readonly Json[];
	readonly ports?: readonly Json[];
}

type Contents = { readonly endpoints: readonly Json[]; readonly ports: readonly Json[] };

/** Writes down which pods are behind each Service. */
export function createEndpointSliceController({ api }: Surroundings): Controller {
	function work(key: string): undefined {
		const { namespace, name } = namesIn(key);
		const service = api.get({ ...SERVICE, namespace, name }) as Service | undefined;
		// What is left of a Service that is gone goes by its owner reference.
		if (service === undefined || service.metadata.deletionTimestamp !== undefined || !hasSelector(service)) return;
		const labels = service.spec.selector ?? {};
		const pods = (api.list(POD, { namespace, labels }) as readonly Pod[]).filter(hasAddress);
		const isOurs = ({ metadata }: KubeObject) => metadata.labels?.[MANAGED_BY] === MANAGER;
		const found = (
			api.list(ENDPOINT_SLICE, { namespace, labels: { [SERVICE_NAME]: name } }) as readonly Slice[]
		).filter(
			(slice) => isOurs(slice) && isControlledBy(slice, service) && slice.metadata.deletionTimestamp === undefined,
		);
		write(service, contentsOf(service, pods), found);
	}

	function write(service: Service, wanted: readonly Contents[], found: readonly Slice[]): void {
		const free = [...found].sort((one, other) => (one.metadata.name < other.metadata.name ? -1 : 1));
		const metadata = metadataOf(service);
		for (const contents of wanted) {
			const same = free.findIndex(({ ports }) => equal(ports ?? [], contents.ports));
			const [slice] = free.splice(Math.max(0, same), 1);
			if (slice === undefined) {
				const { namespace = "" } = service.metadata;
				api.create({
					...ENDPOINT_SLICE,
					metadata: unnamed({ generateName: `${service.metadata.name}-`, namespace, ...metadata }),
					addressType: "IPv4",
					...contents,
				});
			} else if (!equal({ endpoints: slice.endpoints ?? [], ports: slice.ports ?? [] }, contents)) {
				const { resourceVersion } = slice.metadata;
				api.patch(refOf(slice), { metadata: { resourceVersion, ...metadata }, ...contents });
			}
		}
		for (const slice of free) api.delete(refOf(slice));
	}

	function contentsOf(service: Service, pods: readonly Pod[]): readonly Contents[] {
		const groups = Map.groupBy(pods, (pod) => canonical(portsOf(service, pod)));
		const contents = [...groups.values()].flatMap((group) => {
			const [first] = group;
			const ports = first === undefined ? [] : portsOf(service, first);
			const endpoints = group.map((pod) => endpointOf(service, pod));
			const chunks = Math.ceil(endpoints.length / ENDPOINTS_MAX);
			return Array.from({ length: chunks }, (_, at) => ({
				endpoints: endpoints.slice(at * ENDPOINTS_MAX, (at + 1) * ENDPOINTS_MAX),
				ports,
			}));
		});
		return contents.length === 0 ? [{ endpoints: [], ports: [] }] : contents;
	}

	function endpointOf(service: Service, pod: Pod): Json {
		const { name, namespace, uid, deletionTimestamp } = pod.metadata;
		const { nodeName = "" } = pod.spec;
		return compact({
			addresses: [pod.status?.podIP ?? ""],
			conditions: {
				ready: isServed(service, pod),
				serving: isPodReady(pod),
				terminating: deletionTimestamp !== undefined,
			},
			nodeName,
			targetRef: { kind: "Pod", name, namespace, uid },
			zone: api.get({ ...NODE, name: nodeName })?.metadata.labels?.["topology.kubernetes.io/zone"],
		});
	}

	return {
		name: "endpointslices",
		watches: [
			{ kind: SERVICE, keysOf: ({ metadata }) => [keyOf(metadata)] },
			{ kind: POD, keysOf: servicesOf },
			{
				kind: ENDPOINT_SLICE,
				keysOf: ({ metadata: { namespace = "", labels } }) => {
					const name = labels?.[SERVICE_NAME];
					return name === undefined ? [] : [keyOf({ namespace, name })];
				},
			},
		],
		work,
	};

	/** Services whose pod it is, or was before its labels changed: those whose slices name it. */
	function servicesOf({ metadata }: KubeObject): readonly string[] {
		const { namespace = "", labels = {}, uid } = metadata;
		const services = api.list(SERVICE, { namespace }) as readonly Service[];
		const selecting = services.filter(
			(service) =>
				hasSelector(service) &&
				Object.entries(service.spec.selector ?? {}).every(([name, value]) => labels[name] === value),
		);
		const naming = (api.list(ENDPOINT_SLICE, { namespace }) as readonly Slice[]).flatMap((slice) => {
			const isNamed = (slice.endpoints ?? []).some(({ targetRef }) => (targetRef as Json | undefined)?.uid === uid);
			const name = slice.metadata.labels?.[SERVICE_NAME];
			return isNamed && name !== undefined ? [keyOf({ namespace, name })] : [];
		});
		return [...new Set([...selecting.map((service) => keyOf(service.metadata)), ...naming])];
	}
}

function metadataOf(service: Service): Json {
	const isHeadless = service.spec.clusterIP === "None";
	return {
		labels: {
			...service.metadata.labels,
			...(isHeadless ? { [HEADLESS]: "" } : {}),
			[MANAGED_BY]: MANAGER,
			[SERVICE_NAME]: service.metadata.name,
		},
		ownerReferences: [ownedBy(service, SERVICE)],
	};
}

function portsOf({ spec }: Service, pod: Pod): readonly Json[] {
	return (spec.ports ?? []).flatMap((port) => {
		const target = targetPortOf(port, pod);
		if (target === undefined) return [];
		const { name = "", protocol = "TCP", appProtocol } = port;
		return [compact({ appProtocol, name, port: target, protocol })];
	});
}

function hasAddress({ status }: Pod): boolean {
	return status?.podIP !== undefined && status.phase !== "Succeeded" && status.phase !== "Failed";
}
