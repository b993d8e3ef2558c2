import { describe, expect, test } from "vitest";
import { parseImageApproval } from "../../../src/api/image-approval.ts";
import { approvalOf, imageApprovalRefusals } from "./image-manifests.ts";

describe("an ImageApproval", () => {
	test("is read", () => {
		const object = approvalOf({ comment: "looks good" });
		expect(parseImageApproval(object)).toEqual({ ok: true, approval: object });
	});

	test.each(imageApprovalRefusals)("is refused for %s", (_claim, object, problem) => {
		expect(parseImageApproval(object)).toEqual({ ok: false, problems: [problem] });
	});
});
