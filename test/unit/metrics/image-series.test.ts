import { describe, expect, test } from "vitest";
import { HOSTS_MAX } from "../../../src/metrics/image-series.ts";
import { createMetrics } from "../../../src/metrics/metrics.ts";

function series() {
	const metrics = createMetrics({
		version: "1",
		meshProvider: "kubernetes",
		process: false,
	});
	const lines = async (name: string) => {
		const { body } = await metrics.render();
		return body.split("\n").filter((line) => line.startsWith(name));
	};
	return { images: metrics.images, lines };
}

describe("what the image updater tells Prometheus", () => {
	test("starts at zero where it is known beforehand", async () => {
		const { images, lines } = series();
		images.expect(["ImageUpdated", "ImageRolledBack"]);
		expect(await lines("haldane_image_updates_total")).toEqual([
			'haldane_image_updates_total{reason="ImageUpdated"} 0',
			'haldane_image_updates_total{reason="ImageRolledBack"} 0',
		]);
		expect(await lines("haldane_image_scans_total")).toHaveLength(3);
	});

	test("counts requests by class of their status", async () => {
		const { images, lines } = series();
		for (const outcome of ["200", "204", "429", "unreachable"]) images.asked({ host: "ghcr.io", outcome });
		expect(await lines("haldane_registry_requests_total")).toEqual([
			'haldane_registry_requests_total{host="ghcr.io",status="2xx"} 2',
			'haldane_registry_requests_total{host="ghcr.io",status="4xx"} 1',
			'haldane_registry_requests_total{host="ghcr.io",status="unreachable"} 1',
		]);
	});

	test("does not grow with the registries that workloads name", async () => {
		const { images, lines } = series();
		for (let host = 0; host < HOSTS_MAX + 10; host += 1) images.asked({ host: `${host}.example`, outcome: "200" });
		images.asked({ host: "0.example", outcome: "200" });
		const told = await lines("haldane_registry_requests_total");
		expect(told).toHaveLength(HOSTS_MAX + 1);
		expect(told).toContain('haldane_registry_requests_total{host="other",status="2xx"} 10');
		expect(told).toContain('haldane_registry_requests_total{host="0.example",status="2xx"} 2');
	});

	test("has gauges that are read when they are asked for, and zero once another leads", async () => {
		const { images, lines } = series();
		let tagsSeen = 7;
		images.watching(() => ({ tagsSeen, approvalsPending: 2 }));
		tagsSeen = 9;
		expect(await lines("haldane_image_tags_seen")).toEqual(["haldane_image_tags_seen 9"]);
		expect(await lines("haldane_image_approvals_pending")).toEqual(["haldane_image_approvals_pending 2"]);
		images.watching(undefined);
		expect(await lines("haldane_image_tags_seen")).toEqual(["haldane_image_tags_seen 0"]);
	});

	test("counts webhooks by what became of them", async () => {
		const { images, lines } = series();
		images.webhook("native", "taken");
		expect(await lines("haldane_webhooks_total")).toEqual([
			'haldane_webhooks_total{trigger="native",outcome="taken"} 1',
		]);
	});
});
