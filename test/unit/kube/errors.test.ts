import { describe, expect, test } from "vitest";
import { messageOf } from "../../../src/domain/failure.ts";
import { apiError } from "../../../src/kube/errors.ts";
import { createTransport } from "../../../src/kube/transport.ts";
import { scriptedApi, TOKEN } from "../../support/scripted-api.ts";

const conflict = (field: string) => ({ reason: "FieldManagerConflict", message: 'conflict with "kubectl"', field });

/** What the transport makes of an answer. */
async function answered(status: number, body: object | string, retryAfter?: string) {
	const headers: Record<string, string> = retryAfter === undefined ? {} : { "retry-after": retryAfter };
	const api = await scriptedApi([{ status, body, headers }]);
	const transport = createTransport(api.connection, { userAgent: "haldane/1" });
	const work = transport.json({ method: "GET", path: "/", what: "Thing shop/cart" });
	const thrown: unknown = await work.catch((error: unknown) => error);
	await api.close();
	expect(messageOf(thrown) + JSON.stringify(thrown), "no secret where people read").not.toContain(TOKEN);
	return thrown;
}

describe("an answer that is no yes", () => {
	test.each<[string, number, object | string, string, string, string]>([
		[
			"that we are unknown",
			401,
			{ message: "Unauthorized", reason: "Unauthorized" },
			"ApiError",
			"retry",
			"Unauthorized",
		],
		["that we may not", 403, { message: "no", reason: "Forbidden" }, "ForbiddenError", "edit", "no"],
		["that there is none", 404, { message: "not found", reason: "NotFound" }, "ApiError", "refetch", "not found"],
		["that it has changed", 409, { message: "modified", reason: "Conflict" }, "ApiError", "refetch", "modified"],
		[
			"that another owns a field",
			409,
			{ message: "conflicts", reason: "Conflict", details: { causes: [conflict(".spec.a"), conflict(".spec.b")] } },
			"FieldConflictError",
			"edit",
			'.spec.a (conflict with "kubectl"), .spec.b (conflict with "kubectl")',
		],
		["that the version is too old", 410, { message: "too old", reason: "Expired" }, "ApiError", "refetch", "too old"],
		["that it is invalid", 422, { message: "spec: is wrong", reason: "Invalid" }, "ApiError", "edit", "spec: is wrong"],
		["that it is no request", 400, { message: "bad", reason: "BadRequest" }, "ApiError", "edit", "bad"],
		["that it was too slow", 408, {}, "ApiError", "retry", "HTTP 408"],
		[
			"that we ask too much",
			429,
			{ message: "slow down", reason: "TooManyRequests" },
			"ApiError",
			"retry",
			"slow down",
		],
		["that it is broken", 500, { message: "etcd", reason: "InternalError" }, "ApiError", "retry", "etcd"],
		["from a proxy", 503, "<html>no upstream</html>", "ApiError", "retry", "HTTP 503"],
		[
			"from a proxy that speaks JSON",
			502,
			{ message: { text: "x" }, reason: 7, details: "none" },
			"ApiError",
			"retry",
			"HTTP 502",
		],
		[
			"with causes that are none",
			409,
			{ reason: "Conflict", details: { causes: [null, 1, "x"] } },
			"ApiError",
			"refetch",
			"Conflict",
		],
		["of nothing", 500, "null", "ApiError", "retry", "HTTP 500"],
		["at length", 400, { message: "x".repeat(5_000) }, "ApiError", "edit", "x".repeat(1_000)],
	])("but says %s", async (_name, status, body, name, remedy, message) => {
		expect(await answered(status, body)).toMatchObject({
			name,
			status,
			remedy,
			message: `Thing shop/cart: ${message}`,
		});
	});

	test("lists of conflicts have their bound too", () => {
		const causes = Array.from({ length: 200 }, (_, n) => conflict(`.spec.f${n}`));
		const { message } = apiError("Thing", 409, JSON.stringify({ details: { causes } }), undefined);
		expect(message).toHaveLength("Thing: ".length + 1_000);
	});

	test.each<[string, string | undefined, number | undefined]>([
		["in seconds", "7", 7_000],
		["not at all", undefined, undefined],
		["as a date, which no API server does", "Wed, 21 Oct 2026 07:28:00 GMT", undefined],
		["with more patience than anybody has", "999999", 300_000],
	])("says when to come again %s", async (_name, header, retryAfterMs) => {
		expect(await answered(429, {}, header)).toMatchObject({ retryAfterMs });
	});
});
