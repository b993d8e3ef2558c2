import type { Instant } from "../../domain/instant.ts";
import type { ImageReference } from "../image-reference.ts";

/** A repository, and on whose behalf it is asked for. */
export interface Repository extends Pick<ImageReference, "registry" | "repository"> {
	readonly credentials: readonly Credentials[];
}

/** What proves who we are to one registry or a part of it. Secret. */
export interface Credentials {
	/** Host, or host and path, as in a docker config's keys, normalised: `docker.io`, `ghcr.io/acme`. The longest match wins. */
	readonly scope: string;
	readonly username: string;
	readonly password: string;
	/** An OAuth refresh token instead of user and password. */
	readonly identityToken?: string | undefined;
}

/** What is known of one tag. */
export interface TagFacts {
	/** Of what the tag points at: of the index, if it is one. */
	readonly digest: string;
	/** From the configuration of the image; of an index, of its first image. Undefined when it does not say. */
	readonly createdAt: Instant | undefined;
	/** `linux/amd64`, `linux/arm/v7`; empty when it does not say. */
	readonly platforms: readonly string[];
	/** A webhook alone said the digest, for the registry could not be reached; nobody said more. */
	readonly isHearsay?: true;
}

/**
 * What became of a question. Details hold no secret. `throttled` and `unreachable` pass by themselves; `refused` (401, 403) and
 * `missing` (404) need a person; `malformed` is an answer that is no registry's.
 */
export type RegistryAnswer<T> =
	| { readonly kind: "found"; readonly value: T; readonly etag?: string | undefined }
	/** As of the ETag that was sent. */
	| { readonly kind: "unchanged" }
	| { readonly kind: "throttled"; readonly retryAt: Instant; readonly detail: string }
	| { readonly kind: "missing" | "refused" | "unreachable" | "malformed"; readonly detail: string };

/** The questions that we ask a registry; `client.ts` asks them over HTTP. Never rejects. */
export interface RegistryClient {
	/** All tags, through every page, at most `TAGS_MAX`: an endless list is malformed. `etag` is that of an earlier answer of one page. */
	tags(
		repository: Repository,
		etag: string | undefined,
		signal: AbortSignal,
	): Promise<RegistryAnswer<readonly string[]>>;
	/** By HEAD, and GET where HEAD says nothing. */
	digest(repository: Repository, tag: string, signal: AbortSignal): Promise<RegistryAnswer<string>>;
	/** Manifest, and the configuration or the index it leads to. Kept by digest, bounded. */
	facts(repository: Repository, tag: string, signal: AbortSignal): Promise<RegistryAnswer<TagFacts>>;
}
