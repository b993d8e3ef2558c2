import { z } from "zod";
import type { KubeObject } from "../domain/kube-object.ts";
import { problemsOf } from "./problems.ts";
import { exactlyOne, ruled, SecretRef } from "./schema.ts";

/** Every receiver of messages that the API knows; those that are not supported yet are refused where they are used. */
export const AlertProviderType = z.enum(["slack", "webhook", "msteams", "discord", "rocket", "gchat"]);
export type AlertProviderType = z.infer<typeof AlertProviderType>;

/** Where messages are sent, and as whom. */
export const AlertProviderSpec = ruled(
	z.object({
		type: AlertProviderType.describe("Kind of the receiver; webhook gets CloudEvents in JSON."),
		channel: z.string().max(253).optional().describe("Channel to post to, where the receiver lets one choose."),
		username: z.string().max(253).optional().describe("Name to post as, where the receiver lets one choose."),
		address: z
			.string()
			.max(2_048)
			.regex(/^https?:\/\/\S+$/, { error: () => "is not an http or https address" })
			.optional()
			.describe("Address to post to; better kept in a Secret, for whoever knows it can post."),
		proxy: z
			.string()
			.max(2_048)
			.regex(/^https?:\/\/\S+$/, { error: () => "is not an http or https address" })
			.optional()
			.describe("Address of the proxy to send through."),
		secretRef: SecretRef(
			"its key address says where to post, its optional key token is sent as a bearer token",
		).optional(),
	}),
	"Where messages are sent, and as whom.",
	{
		rule: "has(self.address) != has(self.secretRef)",
		holds: ({ address, secretRef }) => exactlyOne(address, secretRef),
		message: "give exactly one of address and secretRef",
	},
);
export type AlertProviderSpec = z.infer<typeof AlertProviderSpec>;

/** What the Secret of an AlertProvider holds, decoded. */
export const AlertProviderSecret = z.object({ address: z.string().min(1), token: z.string().min(1).optional() });
export type AlertProviderSecret = z.infer<typeof AlertProviderSecret>;

/** An AlertProvider that has been read. */
export interface AlertProvider extends KubeObject {
	readonly spec: AlertProviderSpec;
}

/** An AlertProvider, or why it is none. */
export type ParsedAlertProvider =
	| { readonly ok: true; readonly provider: AlertProvider }
	| { readonly ok: false; readonly problems: readonly string[] };

/** Reads an AlertProvider of our group or of Flagger's; problems name the field and the mend, and never an address. */
export function parseAlertProvider(object: KubeObject): ParsedAlertProvider {
	const { success, data, error } = AlertProviderSpec.safeParse(object.spec, { reportInput: true });
	if (!success) return { ok: false, problems: problemsOf("spec", error) };
	return { ok: true, provider: { ...object, spec: data } };
}
