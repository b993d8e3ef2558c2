import { expect, test } from "vitest";
import { STREAMS_MAX } from "../../../../src/server/dashboard/stream.ts";
import { canaryOf, dashboardOver } from "./bench.ts";

async function following(bed: ReturnType<typeof dashboardOver>) {
	const answer = await bed.request("/api/stream");
	const reader = answer.body?.getReader();
	if (reader === undefined) throw new Error("no body");
	const next = async () => {
		const value = new TextDecoder().decode((await reader.read()).value);
		return value.startsWith("data: ") ? JSON.parse(value.slice(6)) : value;
	};
	return { answer, next, cancel: () => reader.cancel() };
}

test("begins with a snapshot and goes on with changes", async () => {
	const bed = dashboardOver([canaryOf("cart", { status: {} })]);
	const { answer, next } = await following(bed);
	expect(answer.headers.get("content-type")).toBe("text/event-stream");
	expect(await next()).toMatchObject({ type: "snapshot", canaries: [{ name: "cart", weight: 20 }] });
	bed.change("shop/cart", canaryOf("cart", { status: { canaryWeight: 40 } }));
	expect(await next()).toMatchObject({ type: "changed", canary: { name: "cart", weight: 40 } });
	bed.change("shop/cart", undefined);
	expect(await next()).toEqual({ type: "gone", namespace: "shop", name: "cart" });
});

test("tells a slow reader the last word only", async () => {
	const bed = dashboardOver([canaryOf("cart", { status: {} })]);
	const { next } = await following(bed);
	await next();
	for (let weight = 1; weight <= 50; weight += 1) {
		bed.change("shop/cart", canaryOf("cart", { status: { canaryWeight: weight } }));
	}
	const told = [await next()];
	bed.change("shop/end", canaryOf("end", { status: {} }));
	while (told.at(-1)?.canary.name !== "end") told.push(await next());
	expect(told.length).toBeLessThanOrEqual(4);
	expect(told.filter(({ canary }) => canary.name === "cart").at(-1).canary.weight).toBe(50);
});

test("says that it is still there", async () => {
	const bed = dashboardOver([]);
	const { next } = await following(bed);
	await next();
	for (const tick of bed.ticking) tick();
	expect(await next()).toBe(": still here\n\n");
});

test("lets go of what a page that went away held", async () => {
	const bed = dashboardOver([]);
	const { next, cancel } = await following(bed);
	await next();
	await cancel();
	expect(bed.listeners.size).toBe(0);
	expect(bed.ticking.size).toBe(0);
});

test("refuses more pages than there may be, and takes one when another has gone", async () => {
	const bed = dashboardOver([]);
	const open = await Promise.all(Array.from({ length: STREAMS_MAX }, () => following(bed)));
	const refused = await bed.request("/api/stream");
	expect(refused.status).toBe(503);
	expect(await refused.json()).toEqual({ error: expect.stringContaining("close one") });
	await open[0]?.cancel();
	expect((await bed.request("/api/stream")).status).toBe(200);
});
