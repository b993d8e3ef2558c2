import { z } from "zod";
import { isTag } from "../image-reference.ts";
import { type Ask, nameOf } from "./ask.ts";
import { jsonOf } from "./exchange.ts";
import type { RegistryAnswer, Repository } from "./image-registry.ts";
import { nextPage } from "./link.ts";
import type { Site } from "./settings.ts";

/** More is no list that anybody reads. */
export const TAGS_MAX = 100_000;
/** As many as are asked for; registries may give fewer. */
const PAGE_SIZE = 1_000;
const PAGES_MAX = 2_000;
/** Registries that know no pages answer with everything. */
const PAGE_BYTES_MAX = 16 * 1_024 * 1_024;

const Page = z.object({ tags: z.array(z.string()).nullish() });

/** Every tag, page by page; an ETag only of a list of one page that has room for more, for it says nothing of later ones. */
export async function allTags(
	ask: Ask,
	{ site, repository }: { readonly site: Site; readonly repository: Repository },
	etag: string | undefined,
	signal: AbortSignal,
): Promise<RegistryAnswer<readonly string[]>> {
	const name = nameOf({ site, repository });
	const malformed = (detail: string) => ({ kind: "malformed", detail: `${name}: ${detail}` }) as const;
	const tags = new Set<string>();
	const seen = new Set<string>();
	let url = `${site.origin}/v2/${site.prefix}${repository.repository}/tags/list?n=${PAGE_SIZE}`;
	for (let page = 1; page <= PAGES_MAX; page++) {
		const ofFirst = page === 1 ? etag : undefined;
		const question = { site, repository, topic: "tags", method: "GET", url, accept: "application/json" } as const;
		const asked = await ask({ ...question, etag: ofFirst, bodyBytesMax: PAGE_BYTES_MAX }, signal);
		if (asked.kind !== "answer") return asked;
		if (asked.status === 304) return { kind: "unchanged" };
		if (asked.truncated) return malformed(`a page of its tags has more than ${PAGE_BYTES_MAX >> 20} MiB`);
		const read = Page.safeParse(jsonOf(asked.body));
		if (!read.success) return malformed('its list of tags is not what the OCI distribution API has: {"tags": [...]}');
		const found = read.data.tags ?? [];
		const before = tags.size;
		for (const tag of found) {
			if (!isTag(tag)) return malformed("a word in its list of tags is not a tag");
			tags.add(tag);
		}
		if (tags.size > TAGS_MAX) return malformed(`has more than ${TAGS_MAX} tags, or a list without end`);
		const next = nextPage(asked.headers.link, asked.url);
		if (next.kind === "none") {
			const isWhole = page === 1 && found.length < PAGE_SIZE;
			return { kind: "found", value: [...tags], etag: isWhole ? asked.headers.etag : undefined };
		}
		if (next.kind === "elsewhere") return malformed("the next page of its tags is said to be on another host");
		seen.add(url);
		if (seen.has(next.url) || tags.size === before) return malformed("the pages of its tags repeat themselves");
		url = next.url;
	}
	return malformed(`its tags have more than ${PAGES_MAX} pages`);
}
