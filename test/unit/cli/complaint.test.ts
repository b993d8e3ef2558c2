import { expect, test } from "vitest";
import { complaintOf } from "../../../src/cli/complaint.ts";
import { RefusedError, UsageError } from "../../../src/cli/usage-error.ts";
import { ApiError, apiError } from "../../../src/kube/errors.ts";

const answer = (status: number, message: string) =>
	apiError("Canary shop/cart", status, JSON.stringify({ reason: "X", message }), undefined);

test.each([
	["a wrong command line ends with 2", new UsageError("write it"), 2, /^haldane: write it$/],
	["a refusal ends with 1", new RefusedError("not now"), 1, /^haldane: not now$/],
	["a server that is away", new ApiError("x", { status: 0, reason: "NoAnswer" }), 1, /can it be reached from here/],
	["no credentials", answer(401, "Unauthorized"), 1, /log in to the cluster again$/],
	["no right", answer(403, "is forbidden"), 1, /ClusterRoles haldane-view and haldane-edit/],
	["no such Canary", answer(404, 'canaries.haldane.dev "cart" not found'), 1, /haldane get --all-namespaces/],
	["no such kind", answer(404, "the server could not find the requested resource"), 1, /haldane crds \| kubectl apply/],
	["what the server says goes on one line", answer(422, "wrong:\n  a\n  b"), 1, /wrong: a b$/],
])("a complaint says what to do: %s", (_claim, thrown, exitCode, text) => {
	const complaint = complaintOf(thrown);
	expect(complaint.exitCode).toBe(exitCode);
	expect(complaint.text).toMatch(text);
	expect(complaint.text).not.toContain("\n");
});

test("what nobody expected is told with its stack", () => {
	expect(complaintOf(new TypeError("x is not a function")).text).toMatch(/this is a bug.*TypeError[\s\S]*at /);
});
