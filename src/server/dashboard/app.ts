import { type Context, Hono } from "hono";
import type { Canary } from "../../api/canary.ts";
import { keyOf } from "../../domain/kube-object.ts";
import { askingIn, refused } from "./asking.ts";
import { detailOf } from "./detail.ts";
import { CANARIES, isRefusal } from "./door.ts";
import { type GoldenSubject, goldenTable } from "./golden.ts";
import { ownHost, ownPage, shutHeaders } from "./guard.ts";
import { imageAction } from "./images.ts";
import type { DashboardPorts } from "./ports.ts";
import { createStreams, STREAMS_MAX } from "./stream.ts";
import { summaryOf } from "./summary.ts";
import { type StreamEvent, VERBS } from "./wire.ts";

/** What a stream is told of begins with one of these. */
const CANARY_KEY = "canary ";
const IMAGES_KEY = "images ";

/** The dashboard's HTTP routes as a function from Request to Response; `listen.ts` gives it a socket. */
export function createDashboard(ports: DashboardPorts): Hono {
	const { canaries, images, door, page } = ports;
	const app = new Hono();
	app.use(shutHeaders);
	app.use(ownHost(door));
	for (const [path, { contentType, body }] of Object.entries(page)) {
		app.get(path, () => new Response(body, { headers: { "Content-Type": contentType } }));
	}
	app.get("/favicon.ico", () => new Response(null, { status: 204 }));
	app.use("/api/*", ownPage(door));
	app.get("/api/*", async (context, next) => {
		const refusal = await door.refusesReading(askingIn(context));
		return refusal === undefined ? next() : refused(context, refusal);
	});

	const lines = () => canaries.list().map((canary) => summaryOf(canary as Canary, ports.refusalOf));
	const streams = createStreams({
		snapshot: () => ({
			type: "snapshot",
			canaries: lines(),
			images: images.list(),
			standing: images.standing(),
		}),
		event: changed,
		subscribe(listener) {
			const stops = [
				canaries.subscribe((key) => listener(`${CANARY_KEY}${key}`)),
				images.subscribe((workload) => listener(`${IMAGES_KEY}${workload}`)),
			];
			return () => {
				for (const stop of stops) stop();
			};
		},
		every: ports.every,
	});
	function changed(told: string): StreamEvent {
		if (told === IMAGES_KEY) return { type: "standing", standing: images.standing() };
		if (told.startsWith(IMAGES_KEY)) {
			const workload = told.slice(IMAGES_KEY.length);
			return { type: "images", workload, images: images.of(workload) };
		}
		const key = told.slice(CANARY_KEY.length);
		const canary = canaries.get(key);
		if (canary !== undefined) return { type: "changed", canary: summaryOf(canary as Canary, ports.refusalOf) };
		const [namespace = "", name = ""] = key.split("/");
		return { type: "gone", namespace, name };
	}
	const missing = (context: Context, namespace: string, name: string) =>
		context.json({ error: `There is no Canary ${namespace}/${name}; the list of all shows what there is` }, 404);

	app.get("/api/canaries", ({ json }) => json({ canaries: lines() }));
	app.get("/api/canaries/:namespace/:name", async (context) => {
		const { namespace, name } = context.req.param();
		const canary = canaries.get(keyOf({ namespace, name })) as Canary | undefined;
		return canary === undefined ? missing(context, namespace, name) : context.json(await detailOf(ports, canary));
	});
	app.get("/api/metrics/:namespace/:name", async (context) => {
		const { namespace, name } = context.req.param();
		const canary = canaries.get(keyOf({ namespace, name })) as Canary | undefined;
		if (canary === undefined) return missing(context, namespace, name);
		return context.json(await goldenTable(ports.query, goldenSubject(canary, await detailOf(ports, canary))));
	});
	app.get("/api/stream", (context) => {
		const stream = streams.start();
		if (stream === undefined) {
			return context.json({ error: `${STREAMS_MAX} pages are open already; close one of them` }, 503);
		}
		if (door.readingAgainMs !== undefined) {
			const askAgain = async () => {
				if ((await door.refusesReading(askingIn(context))) !== undefined) stream.end();
			};
			stream.onEnd(ports.every(door.readingAgainMs, () => void askAgain()));
		}
		return new Response(stream.body, { headers: { "Content-Type": "text/event-stream" } });
	});
	app.post("/api/canaries/:namespace/:name/actions/:verb", async (context) => {
		const { namespace, name, verb: asked } = context.req.param();
		const verb = VERBS.find((known) => known === asked);
		if (verb === undefined) return context.json({ error: `${asked} is no action; take ${VERBS.join(", ")}` }, 404);
		const visitor = await door.admit(askingIn(context), { verb: "patch", of: CANARIES, namespace, name });
		if (isRefusal(visitor)) return refused(context, visitor);
		if (canaries.get(keyOf({ namespace, name })) === undefined) return missing(context, namespace, name);
		try {
			return context.json({ message: await ports.act(verb, { namespace, name }, visitor) });
		} catch (thrown) {
			return context.json({ error: thrown instanceof Error ? thrown.message : String(thrown) }, 409);
		}
	});
	app.get("/api/images", ({ json }) => json({ images: images.list(), standing: images.standing() }));
	app.post("/api/images/:kind/:namespace/:name/:container/actions/:verb", (context) => imageAction(context, ports));
	app.notFound(({ json }) => json({ error: "There is nothing here; the dashboard is at /" }, 404));
	app.onError((error, context) => {
		ports.log.error({ err: error.stack, path: context.req.path }, "a request could not be answered");
		return context.json({ error: "This is a bug in Haldane; its log says more" }, 500);
	});
	return app;
}

/** Rates look as far back as the checks do, a minute without any. */
function goldenSubject({ metadata, spec }: Canary, detail: Awaited<ReturnType<typeof detailOf>>): GoldenSubject {
	const { primary, candidate } = detail;
	return {
		provider: spec.provider ?? "kubernetes",
		namespace: metadata.namespace ?? "default",
		window: spec.analysis?.metrics?.find(({ interval }) => interval !== undefined)?.interval ?? "1m",
		workloads: [
			...(primary === undefined ? [] : [{ of: "primary" as const, ...workloadOf(primary) }]),
			...(candidate === undefined ? [] : [{ of: "candidate" as const, ...workloadOf(candidate) }]),
		],
	};
}

function workloadOf({ name, pods }: { readonly name: string; readonly pods: readonly { readonly name: string }[] }) {
	return { name, pods: pods.map((pod) => pod.name) };
}
