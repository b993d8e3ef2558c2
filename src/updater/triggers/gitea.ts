import { z } from "zod";
import { isDigest } from "../image-reference.ts";
import { hintsOf, hostOf, irrelevant, malformed, readAs } from "./read.ts";
import type { Trigger } from "./trigger.ts";

const Body = z.object({
	action: z.string(),
	package: z.object({
		type: z.string(),
		name: z.string(),
		version: z.string(),
		owner: z.object({ login: z.string() }),
		/** Its host is the registry's: Gitea serves images at the root of its own. */
		html_url: z.string(),
	}),
});

/** Package events of Gitea and Forgejo; only containers that were created. */
export const gitea = {
	read: (body, headers) => {
		const event = headers["x-gitea-event"] ?? headers["x-forgejo-event"];
		if (event !== undefined && event !== "package") return irrelevant("it is not about a package");
		return readAs(Body, body, ({ action, package: { type, name, version, owner, html_url } }) => {
			if (action !== "created") return irrelevant("nothing was created");
			if (type !== "container") return irrelevant("the package is not a container");
			// Each platform of a manifest list is a version too, called by its digest.
			if (isDigest(version)) return irrelevant("it names no tag");
			const host = hostOf(html_url);
			if (host === undefined) return malformed("package.html_url: is not an address");
			return hintsOf([{ at: "package", image: `${host}/${owner.login}/${name}`.toLowerCase(), tag: version }]);
		});
	},
} satisfies Trigger;
