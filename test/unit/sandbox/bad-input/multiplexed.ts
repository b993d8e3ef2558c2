import { once } from "node:events";
import { type ClientHttp2Session, type ClientHttp2Stream, connect } from "node:http2";
import { readKubeconfig } from "../../../support/sandbox/read-kubeconfig.ts";

/** A client over one HTTP/2 connection, as kubectl and client-go have it. */
export function multiplexed(kubeconfig: string) {
	const { server, ca, token } = readKubeconfig(kubeconfig);
	const session: ClientHttp2Session = connect(server, { ca, maxSessionMemory: 100 });
	// Its own memory is not what is tested. What a test does not read, or hangs up on, is seen by its streams.
	session.on("error", () => {});

	/** A request whose body is still to come. */
	function begin(path: string, method: string): ClientHttp2Stream {
		const stream = session.request({ ":path": path, ":method": method, authorization: `Bearer ${token}` });
		return stream.on("error", () => {});
	}

	async function open(path: string, method = "GET", body?: Buffer | string) {
		const stream = begin(path, method);
		const answered = once(stream, "response") as Promise<[Record<string, string | number>]>;
		stream.end(body);
		const [headers] = await answered;
		return { headers, status: headers[":status"], stream };
	}

	return {
		begin,
		open,
		async send(path: string, method = "GET", body?: unknown) {
			const text = body === undefined || Buffer.isBuffer(body) ? body : JSON.stringify(body);
			const { status, headers, stream } = await open(path, method, text);
			return { status, headers, body: JSON.parse((await stream.setEncoding("utf8").toArray()).join("")) };
		},
		close: () => session.destroy(),
	};
}
