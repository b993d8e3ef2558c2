import { describe, expect, test } from "vitest";
import { blankStatus } from "../../../src/api/canary-status.ts";
import { COMMAND_ANNOTATION, pendingCommand } from "../../../src/reconciler/commands.ts";
import { canaryWith } from "../analysis/canary.ts";

describe("a command", () => {
	test.each([
		["is missing without the annotation", undefined, undefined, undefined],
		["is a verb with an id", "pause@1", undefined, { verb: "pause", id: "pause@1" }],
		["may do without an id", "promote", undefined, { verb: "promote", id: "promote" }],
		["is pending when another was obeyed", "abort@2", "abort@1", { verb: "abort", id: "abort@2" }],
		["is obeyed once", "retry@1", "retry@1", undefined],
		["is nothing when its verb is unknown", "explode@1", undefined, undefined],
		["is nothing when its verb only begins like one", "resumed", undefined, undefined],
		["is nothing when it is empty", "", undefined, undefined],
	])("%s", (_name, annotation, lastHandledCommand, command) => {
		const canary = canaryWith({});
		const annotations = annotation === undefined ? {} : { [COMMAND_ANNOTATION]: annotation };
		const status = { ...blankStatus, ...(lastHandledCommand === undefined ? {} : { lastHandledCommand }) };
		expect(pendingCommand({ ...canary, metadata: { ...canary.metadata, annotations }, status })).toEqual(command);
	});
});
