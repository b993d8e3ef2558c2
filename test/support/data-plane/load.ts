import { Agent, request } from "node:http";

/** What to send, how often. */
export interface LoadOptions {
	readonly url: string;
	/** The Host header, which picks the route. */
	readonly host: string;
	readonly perSecond: number;
	readonly path?: string;
	readonly headers?: Readonly<Record<string, string>>;
	/** Stops by itself after so many; 100 000 unless said. */
	readonly countMax?: number;
}

/** What became of one request. */
export interface Answer {
	/** When it was due, in milliseconds since the load began. */
	readonly dueMs: number;
	/** From when it was due, not from when it got away, so a stall is not hidden. */
	readonly tookMs: number;
	/** The HTTP status, or undefined when there was no answer. */
	readonly status: number | undefined;
	/** The version that answered, when the body names one. */
	readonly version: string | undefined;
	readonly error: string | undefined;
}

/** A load under way. */
export interface Load {
	/** Answers so far; requests under way are not in it. */
	answers(): readonly Answer[];
	/** Resolves with all answers once `countMax` requests were sent and answered. */
	readonly done: Promise<readonly Answer[]>;
	/** Sends no more and resolves when every request is answered. */
	stop(): Promise<readonly Answer[]>;
}

const TIMEOUT_MS = 15_000;

/** Sends at a fixed rate whether or not answers come, as users do. */
export function startLoad(options: LoadOptions): Load {
	const { perSecond, countMax = 100_000 } = options;
	const agent = new Agent({ keepAlive: true, maxSockets: 512 });
	const began = performance.now();
	const answers: Answer[] = [];
	let sent = 0;
	let limit = countMax;
	const { promise: done, resolve: finish } = Promise.withResolvers<readonly Answer[]>();

	const finishIfAnswered = () => {
		if (sent < limit || answers.length < sent) return;
		clearInterval(clock);
		agent.destroy();
		finish(answers);
	};
	const clock = setInterval(() => {
		const dueCount = Math.min(limit, Math.floor(((performance.now() - began) * perSecond) / 1000) + 1);
		for (; sent < dueCount; sent++) {
			ask(options, agent, { began, dueMs: (sent * 1000) / perSecond }).then((answer) => {
				answers.push(answer);
				finishIfAnswered();
			});
		}
	}, 2);
	return {
		answers: () => [...answers],
		done,
		stop() {
			limit = Math.min(limit, sent);
			finishIfAnswered();
			return done;
		},
	};
}

/** Sends so many requests and resolves with their answers. */
export function sendLoad(options: LoadOptions & { readonly count: number }): Promise<readonly Answer[]> {
	return startLoad({ ...options, countMax: options.count }).done;
}

/** Percent of the answers that came from that version. */
export function percentOf(answers: readonly Answer[], version: string): number {
	return (100 * answers.filter((answer) => answer.version === version).length) / answers.length;
}

/** Answers that a user would call broken: none at all, or a status from 500 up. */
export function failuresIn(answers: readonly Answer[]): readonly Answer[] {
	return answers.filter(({ status }) => status === undefined || status >= 500);
}

function ask(
	{ url, host, path = "/", headers = {} }: LoadOptions,
	agent: Agent,
	{ began, dueMs }: { readonly began: number; readonly dueMs: number },
): Promise<Answer> {
	return new Promise((resolve) => {
		const answered = (outcome: { status?: number | undefined; version?: string; error?: string }) =>
			resolve({
				dueMs,
				tookMs: performance.now() - began - dueMs,
				status: outcome.status,
				version: outcome.version,
				error: outcome.error,
			});
		const asked = request(
			new URL(path, url),
			{ agent, headers: { ...headers, host }, timeout: TIMEOUT_MS },
			async (answer) => {
				try {
					let text = "";
					for await (const chunk of answer.setEncoding("utf8")) text += chunk;
					answered({ status: answer.statusCode, ...versionIn(text) });
				} catch (thrown) {
					answered({ error: String(thrown) });
				}
			},
		);
		asked.once("timeout", () => asked.destroy(new Error(`no answer within ${TIMEOUT_MS} ms`)));
		asked.once("error", (error) => answered({ error: error.message }));
		asked.end();
	});
}

function versionIn(text: string): { readonly version?: string } {
	try {
		return { version: JSON.parse(text).version };
	} catch {
		return {};
	}
}
