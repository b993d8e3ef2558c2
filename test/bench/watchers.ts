import { once } from "node:events";
import { type ClientHttp2Session, connect } from "node:http2";

// Clients of many watches, in a process of their own: opens what it is told to, and tells of each event when it came.
const PER_CONNECTION = 250;

interface Order {
	readonly served: { readonly url: string; readonly ca: string; readonly token: string };
	readonly names: readonly string[];
}

process.once("message", async ({ served, names }: Order) => {
	let open = 0;
	for (let first = 0; first < names.length; first += PER_CONNECTION) {
		const session = connect(served.url, { ca: served.ca });
		const opened = names.slice(first, first + PER_CONNECTION).map((name) => watch(session, served.token, name));
		open += (await Promise.all(opened)).filter((status) => status === 200).length;
	}
	process.send?.({ open });
});

async function watch(session: ClientHttp2Session, token: string, name: string): Promise<unknown> {
	const selection = `watch=true&resourceVersion=0&sendInitialEvents=false&fieldSelector=metadata.name%3D${name}`;
	const path = `/api/v1/namespaces/default/configmaps?${selection}&resourceVersionMatch=NotOlderThan`;
	const stream = session.request({ ":path": path, authorization: `Bearer ${token}` });
	stream.setEncoding("utf8").on("data", () => process.send?.({ name, at: performance.timeOrigin + performance.now() }));
	const [headers] = (await once(stream, "response")) as [Record<string, unknown>];
	return headers[":status"];
}
