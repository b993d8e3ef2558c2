import { createServer, type ServerResponse } from "node:http";
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
	stop(): Promise<void>;
}

/** Answers 100 to whatever it was not told about. */
export async function startFakePrometheus(): Promise<FakePrometheus> {
	const answers = new Map<string, FakeAnswer>();
	const asked: string[] = [];
	const server = createServer((request, response) => {
		const query = new URL(request.url ?? "/", "http://fake").searchParams.get("query") ?? "";
		asked.push(query);
		const [, answer = 100] = [...answers].find(([text]) => query.includes(text)) ?? [];
		reply(response, answer);
	});
	const url = await new Promise<string>((resolve, reject) => {
		server.once("error", reject);
		server.listen(0, "127.0.0.1", () => {
			const address = server.address();
			if (address === null || typeof address === "string") reject(new BedError("no port", "free some ports"));
			else resolve(`http://127.0.0.1:${address.port}`);
		});
	});
	return {
		url,
		answer: (text, answer) => void answers.set(text, answer),
		asked,
		async stop() {
			server.closeAllConnections();
			await new Promise((resolve) => server.close(resolve));
		},
	};
}

function reply(response: ServerResponse, answer: FakeAnswer): void {
	if (answer === "down") {
		response.destroy();
		return;
	}
	response.statusCode = answer === "error" ? 500 : 200;
	response.setHeader("content-type", "application/json");
	if (answer === "error") {
		response.end(JSON.stringify({ status: "error", errorType: "internal", error: "told to fail" }));
		return;
	}
	const result = answer === "noData" ? [] : [{ metric: {}, value: [Date.now() / 1_000, String(answer)] }];
	response.end(JSON.stringify({ status: "success", data: { resultType: "vector", result } }));
}
