import { describe, expect, test } from "vitest";
import type { KubeObject } from "../../../../src/domain/kube-object.ts";
import type { Vote } from "../../../../src/updater/decide/situation.ts";
import { votesFor } from "../../../../src/updater/loop/votes.ts";
import { digestOf } from "../../../support/updater/small-world.ts";

const chosen = {
	tag: "1.3.0",
	digest: digestOf("b"),
	why: "newer",
	at: "2027-01-04T10:00:00.000Z",
	state: "AwaitingApproval",
} as const;
const written = {
	registry: "ghcr.io",
	repository: "acme/app",
	tag: "1.2.0",
	digest: undefined,
	name: "ghcr.io/acme/app",
};

function says(user: string, decision: string, more: object = {}): KubeObject {
	return {
		apiVersion: "haldane.dev/v1beta1",
		kind: "ImageApproval",
		metadata: { name: user, namespace: "shop" },
		spec: {
			image: "ghcr.io/acme/app:1.3.0",
			digest: chosen.digest,
			workload: { kind: "Deployment", name: "app" },
			decision,
			user,
			...more,
		},
	};
}

describe("what people say about an image", () => {
	test.each<[string, readonly KubeObject[], readonly Vote[]]>([
		["is nothing when nobody spoke", [], []],
		["counts each person", [says("ada", "approve"), says("bob", "approve")], [yes("ada"), yes("bob")]],
		["counts nobody twice", [says("ada", "approve"), says("ada", "approve")], [yes("ada")]],
		["is no when somebody says both, no first", [says("ada", "reject"), says("ada", "approve")], [no("ada")]],
		["is no when somebody says both, yes first", [says("ada", "approve"), says("ada", "reject")], [no("ada")]],
		["is of that digest alone", [says("ada", "approve", { digest: digestOf("c") })], []],
		["is of that repository alone", [says("ada", "approve", { image: "ghcr.io/acme/other:1.3.0" })], []],
		["is nothing where it cannot be read", [says("ada", "perhaps"), says("bob", "approve", { image: "::" })], []],
	])("%s", (_name, approvals, expected) => expect(votesFor(chosen, written, approvals)).toEqual(expected));
});

function yes(user: string): Vote {
	return { user, decision: "approve" };
}

function no(user: string): Vote {
	return { user, decision: "reject" };
}
