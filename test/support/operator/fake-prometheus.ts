import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import { BedError } from "../control-plane/bed-error.ts";

/** What a query is answered with: a number, no series, an error of the server, or a closed connection. */
export type FakeAnswer = number | "noData" | "error" | "down";

/** A loopback server that speaks as much of Prometheus' API as an instant query needs. */
export interface FakePrometheus {
	readonly url: string;
	/** Queries that hold this text get this answer; a later word on the same text counts. */
	answer(text: string, answer: FakeAnswer): void;
	/** Every query as it came. */
	readonly asked: readonly string[];
	/** The headers of every query, in the same order. */
	readonly headers: readonly IncomingHttpHeaders[];
	stop(): Promise<void>;
}

/** Answers 100 to whatever it was not told about. On any free port, unless one is given. */
export async function startFakePrometheus(port = 0): Promise<FakePrometheus> {
	const answers = new Map<string, FakeAnswer>();
	const asked: string[] = [];
	const headers: IncomingHttpHeaders[] = [];
	const server = createServer(async (request, response) => {
		const query = await queryOf(request);
		asked.push(query);
		headers.push(request.headers);
		const [, answer = 100] = [...answers].find(([part]) => query.includes(part)) ?? [];
		reply(response, answer, request.headers.authorization);
	});
	const url = await new Promise<string>((resolve, reject) => {
		server.once("error", reject);
		server.listen(port, "127.0.0.1", () => {
			const address = server.address();
			if (address === null || typeof address === "string") reject(new BedError("no port", "free some ports"));
			else resolve(`http://127.0.0.1:${address.port}`);
		});
	});
	return {
		url,
		answer: (part, answer) => void answers.set(part, answer),
		asked,
		headers,
		async stop() {
			server.closeAllConnections();
			await new Promise((resolve) => server.close(resolve));
		},
	};
}

/** From the body of a POST, else from the address, as Prometheus reads it. */
async function queryOf(request: IncomingMessage): Promise<string> {
	const inBody = new URLSearchParams(request.method === "POST" ? await text(request) : "");
	return inBody.get("query") ?? new URL(request.url ?? "/", "http://fake").searchParams.get("query") ?? "";
}

/** An error quotes the credentials that came with the query, as careless proxies do. */
function reply(response: ServerResponse, answer: FakeAnswer, authorization = "nobody"): void {
	if (answer === "down") {
		response.destroy();
		return;
	}
	response.statusCode = answer === "error" ? 500 : 200;
	response.setHeader("content-type", "application/json");
	if (answer === "error") {
		const error = `told to fail for ${authorization}`;
		response.end(JSON.stringify({ status: "error", errorType: "internal", error }));
		return;
	}
	const result = answer === "noData" ? [] : [{ metric: {}, value: [Date.now() / 1_000, String(answer)] }];
	response.end(JSON.stringify({ status: "success", data: { resultType: "vector", result } }));
}
