import type { StreamEvent } from "./wire.ts";

const HEARTBEAT_MS = 10_000;
/** Each costs a connection and what is pending for it. */
export const STREAMS_MAX = 32;

/** What one page reads. */
export interface Stream {
	readonly body: ReadableStream<Uint8Array>;
	/** Ends it from our side. */
	end(): void;
	/** Called once it is over, whoever ended it. */
	onEnd(call: () => void): void;
}

export interface StreamPorts {
	snapshot(): StreamEvent;
	/** What to tell now of what changed under that key. */
	event(key: string): StreamEvent;
	subscribe(listener: (key: string) => void): () => void;
	every(ms: number, call: () => void): () => void;
}

/**
 * Server-sent events: a snapshot, then whatever changed as it is when the reader has room for it. A slow reader misses what
 * was in between, never the last word, and holds no more than a key a Canary or workload.
 */
export function createStreams({ snapshot, event, subscribe, every }: StreamPorts) {
	let open = 0;
	return {
		/** Undefined when there are as many as there may be. */
		start(): Stream | undefined {
			if (open >= STREAMS_MAX) return undefined;
			open += 1;
			const pending = new Set<string>();
			let isBeatDue = false;
			let wake = () => {};
			const stops: (() => void)[] = [
				subscribe((key) => {
					pending.add(key);
					wake();
				}),
				every(HEARTBEAT_MS, () => {
					isBeatDue = true;
					wake();
				}),
			];
			let isOver = false;
			const end = () => {
				if (isOver) return;
				isOver = true;
				open -= 1;
				for (const stop of stops) stop();
				wake();
			};
			let isFirst = true;
			const body = new ReadableStream<Uint8Array>(
				{
					async pull(controller) {
						if (isFirst) {
							isFirst = false;
							controller.enqueue(written(snapshot()));
							return;
						}
						while (pending.size === 0 && !isBeatDue && !isOver) {
							await new Promise<void>((resolve) => {
								wake = resolve;
							});
						}
						if (isOver) return controller.close();
						const [key] = pending;
						if (key === undefined) {
							controller.enqueue(encoder.encode(": still here\n\n"));
						} else {
							pending.delete(key);
							controller.enqueue(written(event(key)));
						}
						isBeatDue = false;
					},
					cancel: end,
				},
				{ highWaterMark: 1 },
			);
			return { body, end, onEnd: (call) => stops.push(call) };
		},
		count: () => open,
	};
}

const encoder = new TextEncoder();

/** JSON has no bare line breaks, so that no message can end the event it is in. */
function written(event: StreamEvent): Uint8Array {
	return encoder.encode(`data: ${JSON.stringify(event)}\n\n`);
}
