import { z } from "zod";
import { bareHost, hintsOf, hostOf, irrelevant, readAs } from "./read.ts";
import type { Trigger } from "./trigger.ts";

const Kind = z.object({ event_type: z.string().nullish() });
const Body = z.object({
	data: z.object({
		image_name: z.string(),
		tag: z.string(),
		repo_key: z.string().nullish(),
		sha256: z.string().nullish(),
	}),
	jpd_origin: z.string().nullish(),
});

/**
 * JFrog Artifactory's docker events. Where no registry is set names are taken as they are on `acme.jfrog.io`:
 * host of the platform, repository, image.
 */
export const jfrog = {
	read: (body, _headers, { privateRegistry }) =>
		readAs(Kind, body, ({ event_type }) => {
			if (event_type && event_type !== "pushed" && event_type !== "promoted") {
				return irrelevant("its event_type is not a push");
			}
			return readAs(Body, body, ({ data: { image_name, tag, repo_key, sha256 }, jpd_origin }) => {
				const platform = hostOf(jpd_origin ?? undefined);
				const guessed = platform !== undefined && repo_key ? `${platform}/${repo_key}` : "";
				const registry = bareHost(privateRegistry ?? guessed);
				// The digest of the manifest; samples and old versions have other texts there.
				const digest = /^[0-9a-f]{64}$/.test(sha256 ?? "") ? `sha256:${sha256}` : undefined;
				return hintsOf([
					{ at: "data", image: registry === "" ? image_name : `${registry}/${image_name}`, tag, digest },
				]);
			});
		}),
} satisfies Trigger;
