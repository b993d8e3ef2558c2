import { type Asker, Refusal } from "../../contract.ts";
import type { ApiRequest, Server } from "./exchange.ts";

const EVERYONE = "system:authenticated";
const NOBODY = "system:unauthenticated";
const ANONYMOUS = "system:anonymous";
const EXTRA = "impersonate-extra-";

/** Who has the token: there is nobody else. */
export function administrator({ user }: Server): Asker {
	return { username: user, groups: ["system:masters", EVERYONE] };
}

/** Who asks: whoever has the token, or who they say they ask as. Throws the refusal of one who is named only in part. */
export function askerOf(server: Server, { headers }: ApiRequest): Asker {
	const username = headers["impersonate-user"] ?? "";
	const uid = headers["impersonate-uid"];
	const given = listOf(headers["impersonate-group"]);
	const extra = Object.entries(headers).flatMap(([name, value]) =>
		name.startsWith(EXTRA) ? [[decoded(name.slice(EXTRA.length)), listOf(value)] as const] : [],
	);
	if (username === "") {
		if (uid === undefined && given.length + extra.length === 0) return administrator(server);
		throw new Refusal(500, "InternalError", "a group, uid or extra was requested without impersonating a user");
	}
	return {
		username,
		groups: groupsOf(username, given),
		...(uid === undefined ? {} : { uid }),
		...(extra.length === 0 ? {} : { extra: Object.fromEntries(extra) }),
	};
}

/** Those that are asked for, or that a service account always has, and the one that everybody is in. */
function groupsOf(username: string, given: readonly string[]): readonly string[] {
	const [, namespace] = /^system:serviceaccount:([^:]+):[^:]+$/.exec(username) ?? [];
	const account = namespace === undefined ? [] : ["system:serviceaccounts", `system:serviceaccounts:${namespace}`];
	const groups = given.length === 0 ? account : given;
	if (username === ANONYMOUS) return groups.includes(NOBODY) ? groups : [...groups, NOBODY];
	return groups.includes(EVERYONE) || groups.includes(NOBODY) ? groups : [...groups, EVERYONE];
}

/** A header that comes several times is one, with commas between. */
function listOf(header: string | undefined): readonly string[] {
	return (header ?? "")
		.split(",")
		.map((one) => one.trim())
		.filter((one) => one !== "");
}

function decoded(key: string): string {
	try {
		return decodeURIComponent(key);
	} catch {
		// As in a real API server, it is taken as it is.
		return key;
	}
}
