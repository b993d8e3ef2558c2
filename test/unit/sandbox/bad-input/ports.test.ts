import { readdirSync } from "node:fs";
import { createServer } from "node:net";
import { expect, test } from "vitest";
import { CannotStart, listenOnLoopback } from "../../../../src/sandbox/loopback.ts";
import { startSandbox } from "../../../../src/sandbox/sandbox.ts";
import { newFolder } from "./servers.ts";

const free = { port: 0, gatewayPort: 0, prometheusPort: 0 };

test.each([
	["--port", "port"],
	["--gateway-port", "gatewayPort"],
	["--prometheus-port", "prometheusPort"],
	["--registry-port", "registryPort"],
] as const)("a port in use is named with %s, and what had been started is given back", async (flag, option) => {
	const squatter = createServer();
	const port = await listenOnLoopback(squatter, 0, "");
	const dataDir = newFolder();
	const reported: unknown[] = [];
	const options = { ...free, folder: dataDir, dataDir, report: (thrown: unknown) => void reported.push(thrown) };
	const begun = startSandbox({ ...options, [option]: port });
	await expect(begun).rejects.toThrow(CannotStart);
	await expect(begun).rejects.toThrow(
		`port ${port} of 127.0.0.1 is in use by another program: stop it, or give another port with ${flag}`,
	);
	expect(readdirSync(dataDir)).not.toContain("lock");
	squatter.close();
	await (await startSandbox({ ...options, [option]: port })).stop();
	expect(reported).toEqual([]);
});
