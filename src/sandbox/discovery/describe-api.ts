import { createHash } from "node:crypto";
import { type Json, Refusal, type ServedKind } from "../contract.ts";
import { acceptedTypes, notAcceptable, takesJson } from "./accept.ts";
import { type AggregatedVersion, groupDiscoveryList } from "./aggregated.ts";
import { apiGroup, apiGroupList, apiResourceList, apiVersions } from "./lists.ts";
import { type Document, documentOf, openApiV2, openApiV3, openApiV3Index } from "./openapi-documents.ts";
import { openApiV2Protobuf } from "./openapi-protobuf.ts";
import { type Group, groupsOf } from "./resources.ts";

export interface Description {
	readonly contentType: string;
	readonly body: string | Uint8Array;
	/** In quotes, as the header has it; only where clients ask again with it. */
	readonly etag?: string;
}

/**
 * What the API server says about itself at `/version`, `/api`, `/apis`, `/openapi/v2`, `/openapi/v3` and below; a path may
 * end in a slash. Undefined: not a path of discovery. Throws Refusal: 404 for a group or version that no kind is of, 406 for
 * a client that takes no JSON, nor protobuf where there is any. Documents are kept for as long as the same objects stand for the kinds.
 */
export function describeApi(
	kinds: readonly ServedKind[],
	{ path, accept }: { readonly path: string; readonly accept: string },
): Description | undefined {
	const [head, ...rest] = path
		.replace(/\?.*$/, "")
		.split("/")
		.filter((part) => part !== "");
	if (head === "version" && rest.length === 0) return plain(version, accept);
	if (head === "openapi") return describeOpenApi(kinds, rest, accept);
	if (head !== "api" && head !== "apis") return undefined;
	const groups = groupsOf(kinds).filter(({ name }) => (name === "") === (head === "api"));
	if (rest.length === 0) return describeGroups(groups, head, accept);
	// Below a version, resources begin.
	if (rest.length > (head === "api" ? 1 : 2)) return undefined;
	const [name, wanted] = head === "api" ? ["", rest[0]] : rest;
	const group = groups.find((candidate) => candidate.name === name);
	if (group === undefined) throw notFound();
	if (wanted === undefined) return plain(apiGroup(group), accept);
	const found = group.versions.find((candidate) => candidate.version === wanted);
	if (found === undefined) throw notFound();
	return plain(apiResourceList(rest.join("/"), found.kinds), accept);
}

const version = {
	major: "1",
	minor: "34",
	emulationMajor: "1",
	emulationMinor: "34",
	minCompatibilityMajor: "1",
	minCompatibilityMinor: "33",
	gitVersion: "v1.34.4",
	gitCommit: "",
	gitTreeState: "",
	buildDate: "1970-01-01T00:00:00Z",
	goVersion: "",
	compiler: "",
	platform: "linux/amd64",
};

/** At `/api` and `/apis`: a list of the groups alone, or, for who asks for it, with everything in them. */
function describeGroups(groups: readonly Group[], head: "api" | "apis", accept: string): Description {
	for (const accepted of acceptedTypes(accept)) {
		const { as, g, v } = accepted.parameters;
		if (!takesJson(accepted)) continue;
		if (as === undefined) return answer(head === "api" ? apiVersions(groups) : apiGroupList(groups));
		if (as !== "APIGroupDiscoveryList" || g !== "apidiscovery.k8s.io" || !isAggregatedVersion(v)) continue;
		const body = JSON.stringify(groupDiscoveryList(groups, v));
		const etag = `"${createHash("sha512").update(body).digest("hex").toUpperCase()}"`;
		return { contentType: `application/json;g=apidiscovery.k8s.io;v=${v};as=APIGroupDiscoveryList`, body, etag };
	}
	throw notAcceptable();
}

function isAggregatedVersion(version: string | undefined): version is AggregatedVersion {
	return version === "v2" || version === "v2beta1";
}

function describeOpenApi(
	kinds: readonly ServedKind[],
	rest: readonly string[],
	accept: string,
): Description | undefined {
	const [form, ...below] = rest;
	if (form === "v2" && below.length === 0) {
		for (const accepted of acceptedTypes(accept)) {
			if (takesJson(accepted)) return documented(documentOf(openApiV2(kinds)));
			if (PROTOBUF.includes(accepted.type)) return inProtobuf(openApiV2Protobuf(openApiV2(kinds)));
		}
		throw notAcceptable();
	}
	if (form !== "v3") return undefined;
	const versions = Map.groupBy(kinds, ({ apiVersion }) => `${apiVersion.includes("/") ? "apis" : "api"}/${apiVersion}`);
	if (below.length === 0) return documented(openApiV3Index(versions));
	const found = versions.get(below.join("/"));
	if (found === undefined) throw notFound();
	// Who asks for protobuf alone gets JSON too: clients go by the answer's type.
	return documented(openApiV3(found));
}

/** The second is how clients used to ask for it. */
const PROTOBUF = [
	"application/com.github.proto-openapi.spec.v2.v1.0+protobuf",
	"application/com.github.proto-openapi.spec.v2@v1.0+protobuf",
];

function inProtobuf(body: Uint8Array): Description {
	return {
		contentType: PROTOBUF[0] ?? "",
		body,
		etag: `"${createHash("sha512").update(body).digest("hex").toUpperCase()}"`,
	};
}

function documented({ body, hash }: Document): Description {
	return { contentType: "application/json", body, etag: `"${hash}"` };
}

function plain(content: Json, accept: string): Description {
	if (!acceptedTypes(accept).some((accepted) => takesJson(accepted) && accepted.parameters.as === undefined)) {
		throw notAcceptable();
	}
	return answer(content);
}

function answer(content: Json): Description {
	return { contentType: "application/json", body: JSON.stringify(content) };
}

function notFound(): Refusal {
	return new Refusal(404, "NotFound", "the server could not find the requested resource");
}
