import { pathTokenFor } from "../../../server/webhooks/secrets.ts";
import { triggers } from "../../../updater/triggers/registry.ts";
import { UsageError } from "../../usage-error.ts";
import { webhookAddress } from "./webhook-secret.ts";

/** The address for a sender that cannot sign: whoever has it is believed. */
export function webhookUrl(
	trigger: string,
	{ url, secret }: { readonly url: string; readonly secret: string },
): string {
	if (!Object.hasOwn(triggers, trigger))
		throw new UsageError(`${trigger}: is no trigger; take one of ${Object.keys(triggers).join(", ")}`);
	return webhookAddress(url, `${trigger}/${pathTokenFor(secret, trigger)}`);
}
