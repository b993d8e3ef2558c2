import { type KubeObject, keyOf, refOf } from "../../../domain/kube-object.ts";
import { type Json, Refusal, type SandboxApi } from "../../contract.ts";
import type { World } from "./attachment.ts";
import { gatewayClassStatus, gatewayStatus, routeStatus } from "./status.ts";
import type { Table } from "./table.ts";

/** Says in the status of routes, Gateways and classes what became of them. What the API refuses goes to `refused`, and is tried again with the next change. */
export function report(
	api: SandboxApi,
	world: World,
	table: Table,
	{ address, now, refused }: { readonly address: string; readonly now: string; readonly refused: () => void },
): void {
	const write = (object: KubeObject, change: (status: Json) => Json) => {
		try {
			api.changeStatus(refOf(object), change);
		} catch (error) {
			if (!(error instanceof Refusal)) throw error;
			refused();
		}
	};
	for (const gatewayClass of world.gatewayClasses.values()) {
		write(gatewayClass, (status) => gatewayClassStatus(status, gatewayClass, now));
	}
	for (const gateway of world.gateways.values()) {
		write(gateway, (status) => gatewayStatus(status, gateway, world, address, now));
	}
	for (const route of world.routes.values()) {
		const problems = table.problems.get(keyOf(route.metadata)) ?? [];
		write(route, (status) => routeStatus(status, route, world, problems, now));
	}
}
