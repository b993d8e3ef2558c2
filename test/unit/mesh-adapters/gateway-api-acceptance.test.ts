import { describe, expect, test } from "vitest";
import { gatewayApi } from "../../../src/mesh-adapters/gateway-api.ts";
import { cart, httpRoute } from "./service.ts";

const service = cart("gateway.networking.k8s.io/v1");

interface Said {
	readonly status?: string;
	readonly reason?: string;
	readonly message?: string;
	/** The route is at 3. */
	readonly observedGeneration?: number | undefined;
}

const condition = (type: string, said: Said = {}) => ({
	type,
	status: "True",
	reason: type,
	message: "",
	observedGeneration: 3,
	...said,
});
const accepted = (said?: Said) => condition("Accepted", said);
const resolved = (said?: Said) => condition("ResolvedRefs", said);
const partial = (said?: Said) => condition("PartiallyInvalid", said);
const parent = (parentRef: object, ...conditions: object[]) => ({ parentRef, controllerName: "c", conditions });

const one = [{ name: "public" }];
const two = [{ name: "public" }, { group: "core", kind: "Service", name: "cart", port: 80 }];
const status = (...parents: object[]) => ({ parents });

describe("a route", () => {
	test.each([
		["no status", one, undefined, "pending", "Gateway shop/public has not answered yet"],
		["no answer", one, status(), "pending", "Gateway shop/public has not answered yet"],
		["another's answer", one, status(parent({ name: "private" }, accepted())), "pending", "has not answered"],
		[
			"an answer for one listener",
			one,
			status(parent({ name: "public", sectionName: "a" }, accepted())),
			"pending",
			"has not answered",
		],
		[
			"an answer from another namespace",
			one,
			status(parent({ name: "public", namespace: "infra" }, accepted())),
			"pending",
			"has not answered",
		],
		["no conditions", one, status(parent({ name: "public" })), "pending", "has not accepted the route yet"],
		["Accepted", one, status(parent({ name: "public" }, accepted())), "accepted", ""],
		["all that is wanted", one, status(parent({ name: "public" }, accepted(), resolved())), "accepted", ""],
		[
			"an answer with defaults filled in",
			one,
			status(
				parent({ group: "gateway.networking.k8s.io", kind: "Gateway", namespace: "shop", name: "public" }, accepted()),
			),
			"accepted",
			"",
		],
		[
			"a later generation",
			one,
			status(parent({ name: "public" }, accepted({ observedGeneration: 4 }))),
			"accepted",
			"",
		],
		[
			"no generation",
			one,
			status(parent({ name: "public" }, accepted({ observedGeneration: undefined }))),
			"accepted",
			"",
		],
		[
			"an old generation",
			one,
			status(parent({ name: "public" }, accepted({ observedGeneration: 2 }))),
			"pending",
			"has not seen the latest change",
		],
		[
			"an old refusal",
			one,
			status(parent({ name: "public" }, accepted({ status: "False", observedGeneration: 2 }))),
			"pending",
			"has not seen the latest change",
		],
		[
			"a refusal",
			one,
			status(parent({ name: "public" }, accepted({ status: "False", reason: "NotAllowedByListeners", message: "no" }))),
			"refused",
			"Gateway shop/public refuses the route: NotAllowedByListeners, no",
		],
		[
			"a refusal for now",
			one,
			status(parent({ name: "public" }, accepted({ status: "False", reason: "Pending" }))),
			"pending",
			"has not accepted the route yet: Pending",
		],
		[
			"Unknown",
			one,
			status(parent({ name: "public" }, accepted({ status: "Unknown", reason: "Pending" }))),
			"pending",
			"has not accepted the route yet",
		],
		[
			"a missing backend",
			one,
			status(parent({ name: "public" }, accepted(), resolved({ status: "False", reason: "BackendNotFound" }))),
			"pending",
			"does not find all backends of the route: BackendNotFound",
		],
		[
			"a part left out",
			one,
			status(parent({ name: "public" }, accepted(), partial({ reason: "UnsupportedValue" }))),
			"refused",
			"obeys the route only in part: UnsupportedValue",
		],
		[
			"a part left out before",
			one,
			status(parent({ name: "public" }, accepted(), partial({ observedGeneration: 2 }))),
			"pending",
			"only in part",
		],
		[
			"no part left out",
			one,
			status(parent({ name: "public" }, accepted(), partial({ status: "False" }))),
			"accepted",
			"",
		],
		[
			"one of two parents",
			two,
			status(parent({ name: "public" }, accepted())),
			"pending",
			"Service shop/cart has not answered",
		],
		[
			"both parents",
			two,
			status(
				parent({ name: "public" }, accepted()),
				parent({ group: "", kind: "Service", namespace: "shop", name: "cart", port: 80 }, accepted()),
			),
			"accepted",
			"",
		],
		[
			"a refusal of one of two",
			two,
			status(parent({ group: "", kind: "Service", name: "cart", port: 80 }, accepted({ status: "False" }))),
			"refused",
			"Service shop/cart refuses",
		],
		[
			"two controllers of which one obeys",
			one,
			status(parent({ name: "public" }, accepted({ status: "False" })), parent({ name: "public" }, accepted())),
			"accepted",
			"",
		],
		["no parents", [], status(), "pending", "HTTPRoute shop/cart has no parent"],
	])("with %s", (_name, parentRefs, said, kind, detail) => {
		const route = { ...httpRoute({ parentRefs }, { generation: 3 }), ...(said && { status: said }) };
		const acceptance = gatewayApi.accepted(service, route);
		expect(acceptance.kind).toBe(kind);
		if (acceptance.kind !== "accepted") expect(acceptance.detail).toContain(detail);
	});
});
