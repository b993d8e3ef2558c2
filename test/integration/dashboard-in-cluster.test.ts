import { request } from "node:http";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { eventually } from "../support/control-plane/eventually.ts";
import type { Reference } from "../support/control-plane/kube-object.ts";
import { type Bed, canStartBed, startBed } from "../support/operator/bed.ts";
import { canary, deploymentRef, NAMESPACE } from "../support/operator/manifests.ts";
import { type OperatorProcess, spawnOperator } from "../support/operator/operators.ts";
import { grantOperator } from "../support/operator/role.ts";

const RBAC = "rbac.authorization.k8s.io";
const SECRET = "a-value-that-no-visitor-may-see";
const api = `/api/canaries/${NAMESPACE}`;

interface Answer {
	readonly status: number;
	readonly challenge: string | undefined;
	readonly text: string;
}

interface Asked {
	readonly method?: "GET" | "POST";
	readonly headers?: Readonly<Record<string, string>>;
	readonly token?: string;
}

/** As no browser would let a page ask: with any Host. */
function ask(port: number, path: string, { method = "GET", headers = {}, token }: Asked = {}): Promise<Answer> {
	const own = method === "POST" ? { Origin: `http://localhost:${port}` } : {};
	const bearer = token === undefined ? {} : { Authorization: `Bearer ${token}` };
	return new Promise((resolve, reject) => {
		const outgoing = request(
			{ host: "127.0.0.1", port, path, method, headers: { Host: `localhost:${port}`, ...own, ...bearer, ...headers } },
			async (answer) => {
				const parts: Buffer[] = [];
				for await (const part of answer) parts.push(part as Buffer);
				const text = Buffer.concat(parts).toString("utf8");
				resolve({ status: answer.statusCode ?? 0, challenge: answer.headers["www-authenticate"], text });
			},
		);
		outgoing.setTimeout(30_000, () => outgoing.destroy(new Error("no answer")));
		outgoing.on("error", reject);
		outgoing.end();
	});
}

describe.skipIf(!canStartBed)("the dashboard of an operator in the cluster", () => {
	let bed: Bed;
	let leader: OperatorProcess;
	let standby: OperatorProcess;
	const ports = { leader: 0, standby: 0 };
	const tokens = { nobodyMuch: "", editor: "" };

	const operator = (name: string, readersNeedToken = false): OperatorProcess =>
		spawnOperator(
			{
				...bed.options,
				leaderElection: true,
				dashboard: { port: 0, hosts: ["haldane.example"], readersNeedToken },
			},
			join(bed.plane.folder, `${name}.log`),
		);
	const portOf = (process: OperatorProcess) =>
		eventually("the dashboard is up", () => {
			const line = process.logged().find(({ msg }) => msg === "the dashboard is up");
			return line?.port as number | undefined;
		});
	const act = (port: number, name: string, verb: string, asked: Asked = {}) =>
		ask(port, `${api}/${name}/actions/${verb}`, { method: "POST", ...asked });
	/** A service account and a token of it. */
	const tokenOf = async (name: string): Promise<string> => {
		await bed.admin.apply({
			apiVersion: "v1",
			kind: "ServiceAccount",
			metadata: { name, namespace: NAMESPACE },
		} as Reference);
		const { status } = await bed.admin.json<{ readonly status: { readonly token: string } }>({
			method: "POST",
			path: `/api/v1/namespaces/${NAMESPACE}/serviceaccounts/${name}/token`,
			body: { apiVersion: "authentication.k8s.io/v1", kind: "TokenRequest", spec: {} },
		});
		return status.token;
	};

	beforeAll(async () => {
		await import("../../scripts/build-dashboard.ts");
		bed = await startBed();
		tokens.nobodyMuch = await tokenOf("nobody-much");
		tokens.editor = await tokenOf("editor");
		const metadata = { name: "may-command-cart", namespace: NAMESPACE };
		const rules = [{ apiGroups: ["haldane.dev"], resources: ["canaries"], resourceNames: ["cart"], verbs: ["patch"] }];
		await bed.admin.apply({ apiVersion: `${RBAC}/v1`, kind: "Role", metadata, rules } as Reference);
		await bed.admin.apply({
			apiVersion: `${RBAC}/v1`,
			kind: "RoleBinding",
			metadata,
			roleRef: { apiGroup: RBAC, kind: "Role", name: metadata.name },
			subjects: [{ kind: "ServiceAccount", name: "editor", namespace: NAMESPACE }],
		} as Reference);
		leader = operator("leader");
		ports.leader = await portOf(leader);
		await eventually("the first leads", () => leader.logged().some(({ msg }) => msg === "leading"));
		standby = operator("standby");
		ports.standby = await portOf(standby);
		for (const name of ["cart", "other"]) {
			await bed.initialised(canary(name, { analysis: { interval: "10m", stepWeights: [20, 50] } }));
			const containers = [{ name: "web", env: [{ name: "PASSWORD", value: SECRET }] }];
			const patch = { spec: { template: { spec: { containers } } } };
			await bed.admin.patch(deploymentRef(name), patch, { as: "strategic-merge" });
			await bed.until(name, "is at its first step", ({ phase, run }) => phase === "Progressing" && run?.step === 0);
		}
	});

	afterAll(async () => {
		await standby?.terminate();
		await leader?.terminate();
		await bed?.stop();
	});

	describe.each(["leader", "standby"] as const)("of the %s", (replica) => {
		test("is read without a token", async () => {
			expect((await ask(ports[replica], "/")).text).toContain("<!doctype html>");
			const lines = await ask(ports[replica], "/api/canaries");
			expect(lines.status).toBe(200);
			expect(
				JSON.parse(lines.text)
					.canaries.map(({ name }: { name: string }) => name)
					.sort(),
			).toEqual(["cart", "other"]);
			const detail = JSON.parse((await ask(ports[replica], `${api}/cart`)).text);
			expect(detail).toMatchObject({
				candidate: { name: "cart" },
				primary: { name: "cart-primary" },
				route: { kind: "HTTPRoute" },
			});
		});

		test("shows no value of an environment variable", async () => {
			const { text } = await ask(ports[replica], `${api}/cart`);
			expect(text).toContain("PASSWORD");
			expect(text).not.toContain(SECRET);
		});

		test("says that it has no right to ask about tokens, until it is granted", async () => {
			await grantOperator(bed.admin);
			const refusal = await eventually("the right is away", async () => {
				const answer = await act(ports[replica], "cart", "pause", { token: `${tokens.editor}` });
				return answer.status === 503 && answer;
			});
			expect(refusal.text).toContain("no right to create tokenreviews; grant it with the component deploy/dashboard");
			await grantOperator(bed.admin, ["dashboard"]);
			const known = await eventually("the right is there", async () => {
				const answer = await act(ports[replica], "cart", "pause", { token: tokens.nobodyMuch });
				return answer.status !== 503 && answer;
			});
			expect(known.status).toBe(403);
		});

		test("refuses an action without a token, and with one that is nobody's", async () => {
			const none = await act(ports[replica], "cart", "pause");
			expect(none).toMatchObject({ status: 401, challenge: 'Bearer realm="haldane"' });
			expect(none.text).toContain("Without a bearer token this dashboard only shows");
			const bad = await act(ports[replica], "cart", "pause", { token: "nobody's" });
			expect(bad).toMatchObject({ status: 401, challenge: 'Bearer realm="haldane"' });
			expect(bad.text).toContain("This token is nobody's");
		});

		test.each([
			["somebody without rights", "nobodyMuch", "other"],
			["somebody with rights to another", "editor", "other"],
		] as const)("refuses an action of %s", async (_who, whose, name) => {
			const answer = await act(ports[replica], name, "pause", { token: tokens[whose] });
			expect(answer.status).toBe(403);
			const user = `system:serviceaccount:${NAMESPACE}:${whose === "editor" ? "editor" : "nobody-much"}`;
			expect(answer.text).toContain(
				`${user} may not patch canaries.haldane.dev ${name} in namespace ${NAMESPACE}; ask for a role`,
			);
			expect((await bed.until(name, "is there", () => true)).metadata.annotations?.["haldane.dev/command"]).toBeFalsy();
		});

		test.each([
			["a name that was rebound to it", { Host: "evil.example" }, 421],
			["another site's page", { Origin: "http://evil.example" }, 403],
			["a page of nowhere", { Origin: "null" }, 403],
		])("refuses %s, whoever brings the token", async (_what, headers, status) => {
			const answer = await act(ports[replica], "cart", "pause", { headers, token: tokens.editor });
			expect(answer.status).toBe(status);
		});

		test("answers to the names that it was given", async () => {
			expect((await ask(ports[replica], "/api/canaries", { headers: { Host: "haldane.example" } })).status).toBe(200);
		});

		test("does what somebody may do, and says who asked", async () => {
			const verb = replica === "leader" ? "pause" : "resume";
			const answer = await act(ports[replica], "cart", verb, { token: tokens.editor });
			expect(answer).toMatchObject({ status: 200, text: expect.stringContaining(`asked to ${verb}`) });
			await bed.until("cart", `obeys ${verb}`, ({ run }) => (run?.paused ?? false) === (verb === "pause"));
			const user = `system:serviceaccount:${NAMESPACE}:editor`;
			const events = await eventually("an Event names who asked", async () => {
				const told = (await bed.events("cart")).filter(({ reason }) => reason === "Commanded");
				return told.some(({ message }) => message.includes(`asked to ${verb}`)) && told;
			});
			expect(events.at(-1)?.message).toContain(user);
			const logged = { leader, standby }[replica].logged();
			expect(logged).toContainEqual(expect.objectContaining({ user, verb, canary: `${NAMESPACE}/cart` }));
			for (const token of Object.values(tokens)) expect(JSON.stringify(logged)).not.toContain(token);
		});
	});

	test("is read by those alone who may list Canaries, where that is asked for", async () => {
		const careful = operator("careful", true);
		const port = await portOf(careful);
		const read = (token?: string) => ask(port, "/api/canaries", token === undefined ? {} : { token });
		const none = await eventually("it knows the Canaries", async () => {
			const answer = await read();
			return answer.status !== 503 && answer;
		});
		expect(none).toMatchObject({ status: 401, challenge: 'Bearer realm="haldane"' });
		expect(await read(tokens.editor)).toMatchObject({
			status: 403,
			text: expect.stringContaining("may not list canaries.haldane.dev in all namespaces"),
		});
		const metadata = { name: "may-list-canaries" };
		const rules = [{ apiGroups: ["haldane.dev"], resources: ["canaries"], verbs: ["list"] }];
		await bed.admin.apply({ apiVersion: `${RBAC}/v1`, kind: "ClusterRole", metadata, rules } as Reference);
		await bed.admin.apply({
			apiVersion: `${RBAC}/v1`,
			kind: "ClusterRoleBinding",
			metadata,
			roleRef: { apiGroup: RBAC, kind: "ClusterRole", name: metadata.name },
			subjects: [{ kind: "ServiceAccount", name: "nobody-much", namespace: NAMESPACE }],
		} as Reference);
		await eventually("the right is there", async () => (await read(tokens.nobodyMuch)).status === 200, {
			withinMs: 45_000,
		});
		await careful.terminate();
	});

	test("goes on when the standby comes to lead", async () => {
		await leader.terminate();
		await eventually("the standby leads", () =>
			standby.logged().some(({ msg }) => msg === "caches are filled, working"),
		);
		const lines = await ask(ports.standby, "/api/canaries");
		expect(JSON.parse(lines.text).canaries).toHaveLength(2);
		expect(JSON.parse((await ask(ports.standby, `${api}/cart`)).text)).toMatchObject({
			primary: { name: "cart-primary" },
		});
	});
});
