import type { Reader, StreamedResponse } from "../rest/exchange.ts";

/** The end of a connection that a stream is written to. */
export interface Outlet {
	/** The head has been written. */
	write(text: string): void;
	/** Bytes that are written but not yet taken. */
	readonly pendingBytes: () => number;
	/** After what is pending has been taken. */
	end(): void;
	/** At once; what is pending is thrown away. */
	destroy(): void;
	/** Calls once, when nothing more can be written: after an end, a destroy, or the client's hanging up. */
	onClosed(listener: () => void): void;
}

/** The streams, which are watches, that are open now, within bounds on their number and on what they hold. */
export interface Streams {
	/** False, with nothing written, when there are too many. */
	readonly hasRoom: () => boolean;
	open(response: StreamedResponse, outlet: Outlet): void;
	/** Those that hold anything; a stream that has ended counts until what it left unread is gone. */
	count(): number;
	/** Lets go who was told that it is over some time ago and has not taken the rest. */
	tidy(now: number): void;
}

export interface StreamLimits {
	readonly countMax: number;
	/** Unread, over all of them: beyond it, the one that holds most is cut off, and can list and watch again. */
	readonly pendingBytesMax: number;
	/** Unread by one when it is told that it is over: with more, it is cut off at once. */
	readonly endingBytesMax: number;
	/** For the rest to be taken after the end. */
	readonly endingMsMax: number;
	readonly now: () => number;
}

interface Stream {
	readonly outlet: Outlet;
	/** As last looked at; less may be left by now. */
	pending: number;
	endedAt: number | undefined;
}

export function createStreams(limits: StreamLimits): Streams {
	const streams = new Set<Stream>();
	let pendingAtMost = 0;

	function look(stream: Stream): void {
		const pending = stream.outlet.pendingBytes();
		pendingAtMost += pending - stream.pending;
		stream.pending = pending;
	}

	/** Looks at all only when the sum of what was seen last is too much, which is seldom so. */
	function keepWithinBounds(): void {
		if (pendingAtMost <= limits.pendingBytesMax) return;
		for (const stream of streams) look(stream);
		while (pendingAtMost > limits.pendingBytesMax) {
			const greediest = [...streams].reduce((most, one) => (one.pending > most.pending ? one : most));
			forget(greediest);
			greediest.outlet.destroy();
		}
	}

	function forget(stream: Stream): void {
		if (!streams.delete(stream)) return;
		pendingAtMost -= stream.pending;
	}

	function readerOf(stream: Stream): Reader {
		const { outlet } = stream;
		return {
			write(text) {
				// It may have been cut off while it is still being told what was there.
				if (!streams.has(stream)) return;
				outlet.write(text);
				look(stream);
				keepWithinBounds();
			},
			pendingBytes: outlet.pendingBytes,
			end() {
				stream.endedAt = limits.now();
				if (outlet.pendingBytes() > limits.endingBytesMax) outlet.destroy();
				else outlet.end();
			},
		};
	}

	return {
		hasRoom: () => streams.size < limits.countMax,
		open({ open }, outlet) {
			const stream: Stream = { outlet, pending: 0, endedAt: undefined };
			streams.add(stream);
			let close: (() => void) | undefined;
			let closed = false;
			// Before it is opened, as it may end at once.
			outlet.onClosed(() => {
				closed = true;
				forget(stream);
				close?.();
			});
			close = open(readerOf(stream));
			if (closed) close();
		},
		count: () => streams.size,
		tidy(now) {
			for (const { endedAt, outlet } of streams) {
				if (endedAt !== undefined && now - endedAt > limits.endingMsMax) outlet.destroy();
			}
		},
	};
}
