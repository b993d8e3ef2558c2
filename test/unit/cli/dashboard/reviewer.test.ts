import { describe, expect, test } from "vitest";
import { kubeReviewer } from "../../../../src/cli/dashboard/reviewer.ts";
import type { KubeObject } from "../../../../src/domain/kube-object.ts";
import { silentLog } from "../../../../src/domain/log.ts";
import { ApiError } from "../../../../src/kube/errors.ts";
import { CANARIES } from "../../../../src/server/dashboard/door.ts";

const TOKEN = "a-token-that-nobody-may-read";

/** A reviewer over an API server that answers every review with this, or throws it. */
function over(answer: object | Error) {
	const sent: KubeObject[] = [];
	const deadlines: number[] = [];
	const logged: object[] = [];
	const reviewer = kubeReviewer(
		{
			async create(object, options) {
				sent.push(object);
				expect(options?.signal).toBeInstanceOf(AbortSignal);
				if (answer instanceof Error) throw answer;
				return { ...object, ...answer };
			},
		},
		{
			log: { ...silentLog, warn: (fields, message) => void logged.push({ ...fields, message }) },
			deadline(ms) {
				deadlines.push(ms);
				return new AbortController().signal;
			},
		},
	);
	return { reviewer, sent, deadlines, logged };
}

const user = { username: "ada", uid: "7", groups: ["team"], extra: { scope: ["x"] } };

describe("whose a token is", () => {
	test("is asked with the token in the body, within a deadline", async () => {
		const { reviewer, sent, deadlines } = over({ status: { authenticated: true, user } });
		expect(await reviewer.whose(TOKEN)).toEqual(user);
		expect(sent).toEqual([
			{ apiVersion: "authentication.k8s.io/v1", kind: "TokenReview", metadata: { name: "" }, spec: { token: TOKEN } },
		]);
		expect(deadlines).toEqual([5_000]);
	});

	test.each([
		["is not authenticated", { authenticated: false, user }],
		["says nothing of that", { user }],
		["is empty", {}],
		["has no name", { authenticated: true, user: { username: "" } }],
		["has an unknown shape of user", { authenticated: true, user: "ada" }],
	])("is nobody's when the answer %s", async (_what, status) => {
		expect(await over({ status }).reviewer.whose(TOKEN)).toBeUndefined();
	});
});

describe("what somebody may do", () => {
	test("is asked with all that is known of them", async () => {
		const { reviewer, sent } = over({ status: { allowed: true } });
		expect(await reviewer.may(user, { verb: "patch", of: CANARIES, namespace: "shop", name: "cart" })).toBe(true);
		const resourceAttributes = {
			group: "haldane.dev",
			resource: "canaries",
			verb: "patch",
			namespace: "shop",
			name: "cart",
		};
		expect(sent[0]?.spec).toEqual({
			user: "ada",
			uid: "7",
			groups: ["team"],
			extra: { scope: ["x"] },
			resourceAttributes,
		});
	});

	test("is asked for all namespaces where none is meant", async () => {
		const { reviewer, sent } = over({ status: { allowed: false } });
		expect(await reviewer.may(user, { verb: "list", of: CANARIES, namespace: undefined })).toBe(false);
		expect(sent[0]?.spec).toMatchObject({
			resourceAttributes: { verb: "list", group: "haldane.dev", resource: "canaries", namespace: "", name: "" },
		});
	});
});

test("what is asked about names the kind that is meant", async () => {
	const { reviewer, sent } = over({ status: { allowed: true } });
	const of = { group: "haldane.dev", plural: "imageapprovals" };
	await reviewer.may(user, { verb: "create", of, namespace: "shop" });
	const resourceAttributes = { group: "haldane.dev", resource: "imageapprovals", verb: "create", namespace: "shop" };
	expect(sent[0]?.spec).toMatchObject({ resourceAttributes });
});

test.each([
	[
		"has no right to it",
		new ApiError("x", { status: 403, reason: "Forbidden" }),
		"grant it with the component deploy/dashboard",
	],
	["is not answered", new ApiError("x", { status: 0, reason: "NoAnswer" }), "cannot be asked who you are"],
	[
		"is answered by a failure",
		new ApiError("x", { status: 500, reason: "InternalError" }),
		"cannot be asked who you are",
	],
	["is answered by something else", { status: "ok" }, "is not understood"],
])("says so when it %s, without the token or the server's words", async (_what, answer, sentence) => {
	const { reviewer, logged } = over(answer);
	await expect(reviewer.whose(TOKEN)).rejects.toThrow(sentence);
	await expect(reviewer.may(user, { verb: "list", of: CANARIES, namespace: "shop" })).rejects.toThrow(sentence);
	expect(logged).toHaveLength(2);
	expect(JSON.stringify(logged)).not.toContain(TOKEN);
});
