import type { Instant } from "../../domain/instant.ts";
import type { OutboundRequest, Send } from "../../http/request.ts";
import type { KubeClient } from "../../kube/client.ts";
import { REGISTRY_ADDRESS, registryIn } from "../../sandbox/registry/address.ts";
import { tinyImage } from "../../sandbox/registry/tiny-image.ts";
import { DOCKER_HUB, parseImageReference } from "../../updater/image-reference.ts";
import { RefusedError, UsageError } from "../usage-error.ts";
import { configMapAt } from "./at-sandbox.ts";

export interface TinyPushPorts {
	readonly client: Pick<KubeClient, "get">;
	readonly send: Send;
	readonly now: () => Instant;
}

const TIMEOUT_MS = 10_000;
const RETRIES = 3;
const ANSWER_BYTES_MAX = 16_384;
const SAID_LENGTH_MAX = 300;

/**
 * Pushes a tiny image to the sandbox's registry, and to no other; answers a sentence. A name without a registry is taken for one in
 * it. Throws UsageError for what is no image and tag, RefusedError when there is no sandbox or its registry refuses.
 */
export async function pushTiny(
	{ client, send, now }: TinyPushPorts,
	image: string,
	signal: AbortSignal,
): Promise<string> {
	const parsed = parseImageReference(image);
	const example = "write an image like podinfo:1.2.0";
	if (!parsed.ok) throw new UsageError(`${JSON.stringify(image)} ${parsed.problem}: ${example}`);
	const { registry, name, tag, digest } = parsed.reference;
	if (tag === undefined || digest !== undefined)
		throw new UsageError(`${JSON.stringify(image)} is pushed by a tag alone: ${example}`);
	const host = registryIn(await configMapAt(client, REGISTRY_ADDRESS));
	if (host === undefined) throw new RefusedError("this sandbox does not say where its registry is: start it anew");
	if (registry !== DOCKER_HUB && registry !== host)
		throw new UsageError(
			`${registry} is not the sandbox's registry: write ${host}${name.slice(name.indexOf("/"))}:${tag}`,
		);
	const repository = registry === host ? name.slice(name.indexOf("/") + 1) : name;
	const put = async (request: Pick<OutboundRequest, "method" | "url" | "headers" | "body">) => {
		const bounds = { timeoutMs: TIMEOUT_MS, retries: RETRIES, bodyBytesMax: ANSWER_BYTES_MAX };
		const answer = await send({ ...request, ...bounds, insecureSkipVerify: false }, signal);
		if (answer.kind === "answer" && answer.status === 201) return;
		const why =
			answer.kind === "answer" ? `HTTP ${answer.status}: ${answer.body.slice(0, SAID_LENGTH_MAX)}` : answer.detail;
		throw new RefusedError(`${image} was not pushed: ${why}`);
	};
	const { blobs, manifest } = tinyImage({ name: `${repository}:${tag}`, created: now() });
	const url = `http://${host}/v2/${repository}`;
	for (const { digest, body } of blobs) {
		const headers = { "content-type": "application/octet-stream" };
		await put({ method: "POST", url: `${url}/blobs/uploads/?digest=${encodeURIComponent(digest)}`, headers, body });
	}
	const headers = { "content-type": manifest.mediaType };
	await put({ method: "PUT", url: `${url}/manifests/${tag}`, headers, body: manifest.body });
	return `${host}/${repository}:${tag} is pushed, ${manifest.digest}`;
}
