import type { ApiRules } from "./api-server/rules.ts";
import { jsonPatch } from "./apply/json-patch.ts";
import { mergePatch } from "./apply/merge-patch.ts";
import { applyServerSide } from "./apply/server-side-apply.ts";
import { strategicMergePatch } from "./apply/strategic-merge.ts";
import { trackUpdate } from "./apply/track-update.ts";
import { describeApi } from "./discovery/describe-api.ts";
import { tableOf } from "./discovery/tables/table.ts";
import { admit } from "./schema/admit.ts";
import { builtinKinds } from "./schema/builtin-kinds.ts";
import { convert } from "./schema/convert.ts";
import { kindsOf, printerColumnsOf } from "./schema/crd-kinds.ts";
import { askPolicies } from "./schema/policies/ask.ts";

/** What the API server knows of kinds, schemas and patches. */
export const rules: ApiRules = {
	builtinKinds,
	kindsOf,
	printerColumnsOf,
	admit,
	askPolicies,
	convert,
	applyServerSide,
	trackUpdate,
	jsonPatch,
	mergePatch,
	strategicMergePatch,
	describeApi,
	tableOf,
};
