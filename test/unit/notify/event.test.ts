import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { canarySubject } from "../../../src/notify/canary-subject.ts";
import { eventFor } from "../../../src/notify/event.ts";
import { cart, notice } from "./cart.ts";

describe("the Event of a notice", () => {
	test("is about the Canary, by Haldane, as both Event APIs want it", () => {
		const told = notice("lq2k9f-12", {
			reason: "RollingBack",
			type: "Warning",
			message: "why",
			at: "2026-05-01T10:00:00.123Z",
		});
		expect(eventFor(canarySubject(cart({})), told, { instance: "haldane-0" })).toEqual({
			apiVersion: "v1",
			kind: "Event",
			metadata: { namespace: "shop", name: "cart.lq2k9f-12" },
			involvedObject: {
				apiVersion: "haldane.dev/v1beta1",
				kind: "Canary",
				namespace: "shop",
				name: "cart",
				uid: "u-1",
				resourceVersion: "7",
			},
			type: "Warning",
			reason: "RollingBack",
			action: "Rollout",
			message: "why",
			source: { component: "haldane" },
			reportingComponent: "haldane",
			reportingInstance: "haldane-0",
			eventTime: "2026-05-01T10:00:00.123000Z",
			firstTimestamp: "2026-05-01T10:00:00Z",
			lastTimestamp: "2026-05-01T10:00:00Z",
			count: 1,
		});
	});

	test("has the same name when made again, after the Canary has changed", () => {
		const before = eventFor(canarySubject(cart({})), notice("1"));
		const after = eventFor(canarySubject(cart({ status: { phase: "Failed" } })), notice("1", { message: "other" }));
		expect(after.metadata).toEqual(before.metadata);
	});

	test("keeps within what the API server takes, whatever is told", () => {
		fc.assert(
			fc.property(
				fc.string({ unit: "binary", maxLength: 1500, size: "max" }),
				fc.string({ minLength: 1, maxLength: 40 }),
				(message, id) => {
					const canary = cart({});
					const long = { ...canary, metadata: { ...canary.metadata, name: `${"a.".repeat(126)}b` } };
					const event = eventFor(canarySubject(long), notice(id, { message }));
					expect(event.metadata.name).toMatch(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/);
					expect(event.metadata.name.length).toBeLessThanOrEqual(253);
					expect(Buffer.byteLength(event.message as string)).toBeLessThanOrEqual(1024);
				},
			),
			{ interruptAfterTimeLimit: 2_000 },
		);
	});
});
