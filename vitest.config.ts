import { defineConfig } from "vitest/config";

const suite = (name: string, timeoutMs: number) => ({
	test: { name, include: [`test/${name}/**/*.test.ts`], testTimeout: timeoutMs, hookTimeout: timeoutMs },
});

/** Files share what they import, which halves the time: no test puts anything in a module's place. Properties have the same cases in every run. */
const shared = { isolate: false, setupFiles: ["test/support/fixed-seed.ts"] };

/** What is about the real API server itself, or needs no API server. */
const REAL_ONLY = [
	"test/integration/approvals.test.ts",
	"test/integration/control-plane.test.ts",
	"test/integration/dashboard-images.test.ts",
	"test/integration/dashboard-in-cluster.test.ts",
	"test/integration/deploy.test.ts",
	"test/integration/image-registry.test.ts",
	"test/integration/kubectl.test.ts",
	"test/integration/promql.test.ts",
];

/** One project a tier, lightest first; the last two need real parts and say so when these are missing. */
export default defineConfig({
	test: {
		passWithNoTests: true,
		// By default one core is left idle, which is half of a machine with two.
		maxWorkers: "100%",
		projects: [
			{ test: { ...suite("unit", 30_000).test, ...shared } },
			{ test: { ...suite("conformance", 30_000).test, ...shared } },
			suite("simulation", 60_000),
			// One control plane at a time: four on two cores would strain each other's timings.
			{ test: { ...suite("integration", 300_000).test, fileParallelism: false } },
			// The same suite with the sandbox in the real control plane's place.
			{
				test: {
					...suite("integration", 300_000).test,
					name: "sandbox",
					exclude: REAL_ONLY,
					env: { HALDANE_BED: "sandbox" },
					fileParallelism: false,
				},
			},
			// One data plane at a time: Envoy's and Contour's ports are fixed.
			{ test: { ...suite("e2e", 900_000).test, fileParallelism: false } },
		],
	},
});
