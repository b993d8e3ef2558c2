import type { Notice } from "../api/canary-status.ts";
import type { ObjectKey } from "../domain/kube-object.ts";
import type { Log } from "../domain/log.ts";
import type { Timers } from "../http/timers.ts";
import {
	type Channel,
	type Delivery,
	type DeliveryOptions,
	type DeliveryPorts,
	deliveriesOf,
	eventDelivery,
} from "./deliveries.ts";
import { createLanes, type LaneLimits, laneLimits, type Parcel } from "./lanes.ts";
import type { Subject } from "./subject.ts";

/** How many delivered ids are remembered for each object: more than a status can hold. */
const REMEMBERED_MAX = 32;

/** Events are many when much happens at once, and must not take the API server's time from what happens. */
const eventLimits = { inFlightMax: 2, parcelsMax: 16_384 } as const;

/** The outbox's ways to the world. */
export interface OutboxPorts extends DeliveryPorts {
	readonly timers: Timers;
	readonly log: Log;
	/** Counts attempts that are `retried`, and how each delivery ended. */
	count(channel: Channel, outcome: "delivered" | "retried" | "undeliverable"): void;
	/** All that could be done for these notices has been done: they may leave the status. Never called within `deliver`. */
	onDelivered(key: ObjectKey, ids: readonly string[]): void;
}

/** Settings of the outbox. */
export interface OutboxOptions extends DeliveryOptions {
	readonly limits?: LaneLimits | undefined;
}

/**
 * Tells the world what the status says it should be told. Flow: the Kubernetes Event first, then, whatever became of its
 * first attempt, every alert and event hook side by side.
 *
 * Guarantees: at least once while the process lives and the caller keeps offering what is not yet delivered; in order
 * for each object and destination; a destination that is down delays nothing else; what stays undeliverable within the
 * bounds is logged, counted and then treated as delivered.
 *
 * Assumption: notices stay in the status until they are reported, so that a restart tells them again (the Event's name
 * and the announcement's id are then the same).
 */
export interface Outbox {
	/**
	 * Takes the notices that are new and returns at once, with the ids among them that are delivered already: those may
	 * leave the status with the next write.
	 */
	deliver(key: ObjectKey, notices: readonly Notice[], subject: Subject): readonly string[];
	/** Forgets what was told about an object that is gone; what is under way is still sent. */
	forget(key: ObjectKey): void;
	/** Deliveries that have not ended. */
	pending(): number;
	/** Gives up what is under way; the status still holds it. */
	stop(): void;
}

interface Told {
	readonly uid: string | undefined;
	/** Deliveries that have not ended, by notice. */
	readonly open: Map<string, number>;
}

export function createOutbox(ports: OutboxPorts, options: OutboxOptions = {}): Outbox {
	const limits = options.limits ?? laneLimits;
	const lanes = createLanes(ports.timers, limits);
	const events = createLanes(ports.timers, { ...limits, ...eventLimits });
	const objects = new Map<ObjectKey, Told>();

	function toldOf(key: ObjectKey, uid: string | undefined): Told {
		const known = objects.get(key);
		if (known !== undefined && known.uid === uid) return known;
		const fresh = { uid, open: new Map<string, number>() };
		objects.set(key, fresh);
		return fresh;
	}

	/** Posts the Event, and with its first attempt behind it, the rest. */
	function take(key: ObjectKey, told: Told, notice: Notice, subject: Subject): void {
		const deliveries = deliveriesOf(notice, subject, ports, options);
		told.open.set(notice.id, deliveries.length + 1);
		const parcel = (delivery: Delivery, afterFirst?: () => void) =>
			parcelOf(delivery, { key, notice, ports, afterFirst, ended: () => ended(key, told, notice.id) });
		const event = eventDelivery(notice, subject, ports, options);
		events.post(
			parcel(event, () => {
				for (const delivery of deliveries) lanes.post(parcel(delivery));
			}),
		);
	}

	function ended(key: ObjectKey, told: Told, id: string): void {
		const open = (told.open.get(id) ?? 0) - 1;
		told.open.set(id, open);
		if (open > 0) return;
		// Recent last, so that the oldest are the first to be forgotten.
		told.open.delete(id);
		told.open.set(id, 0);
		const delivered = [...told.open.keys()].filter((known) => told.open.get(known) === 0);
		for (const old of delivered.slice(0, -REMEMBERED_MAX)) told.open.delete(old);
		queueMicrotask(() => ports.onDelivered(key, [id]));
	}

	return {
		deliver(key, notices, subject) {
			const told = toldOf(key, subject.object.metadata.uid);
			const delivered = notices.filter(({ id }) => told.open.get(id) === 0).map(({ id }) => id);
			for (const notice of notices) if (!told.open.has(notice.id)) take(key, told, notice, subject);
			return delivered;
		},
		forget(key) {
			objects.delete(key);
		},
		pending: () => lanes.pending() + events.pending(),
		stop() {
			lanes.stop();
			events.stop();
		},
	};
}

interface Sending {
	readonly key: ObjectKey;
	readonly notice: Notice;
	readonly ports: OutboxPorts;
	readonly afterFirst: (() => void) | undefined;
	ended(): void;
}

function parcelOf(delivery: Delivery, { key, notice, ports, afterFirst, ended }: Sending): Parcel {
	let followUp = afterFirst;
	const goOn = () => {
		const next = followUp;
		followUp = undefined;
		next?.();
	};
	return {
		destination: delivery.destination,
		sender: key,
		deadlineMs: delivery.deadlineMs,
		attempt: (signal) => delivery.attempt(signal),
		attempted(result, attempts) {
			if (result.kind === "retry") {
				const fields = { object: key, notice: notice.id, to: delivery.label, detail: result.detail, attempts };
				ports.log.debug(fields, "a notice was not delivered yet");
				ports.count(delivery.channel(), "retried");
			}
			goOn();
		},
		done(end) {
			goOn();
			const channel = delivery.channel();
			ports.count(channel, end.kind === "sent" ? "delivered" : "undeliverable");
			if (end.kind === "undeliverable") {
				const { detail, attempts } = end;
				const { id, reason } = notice;
				ports.log.warn(
					{ object: key, notice: id, reason, channel, to: delivery.label, detail, attempts },
					"a notice could not be delivered",
				);
			}
			ended();
		},
	};
}
