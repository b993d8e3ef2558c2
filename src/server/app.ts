import { Hono } from "hono";
import type { Log } from "../domain/log.ts";
import type { Metrics } from "../metrics/metrics.ts";

export interface AppPorts {
	readonly metrics: Pick<Metrics, "render">;
	/** Whether this process can do its work now; false takes it out of its Service. */
	isReady(): boolean;
	/** Whether it can ever do its work again without a restart. */
	isHealthy(): boolean;
	readonly log: Log;
}

/** The operator's HTTP routes as a function from Request to Response; `server.ts` gives it a socket. */
export function createApp({ metrics, isReady, isHealthy, log }: AppPorts): Hono {
	const app = new Hono();
	app.use(async (context, next) => {
		await next();
		context.header("Cache-Control", "no-store");
		context.header("X-Content-Type-Options", "nosniff");
	});
	const health = (isFine: () => boolean) => () => {
		const fine = isFine();
		return new Response(fine ? "ok\n" : "not ok\n", { status: fine ? 200 : 503, headers: plainText });
	};
	app.get("/healthz", health(isHealthy));
	app.get("/livez", health(isHealthy));
	app.get("/readyz", health(isReady));
	app.get("/metrics", async () => {
		const { contentType, body } = await metrics.render();
		return new Response(body, { headers: { "Content-Type": contentType } });
	});
	app.notFound(() => new Response("not found\n", { status: 404, headers: plainText }));
	app.onError((error, { req }) => {
		log.error({ error, path: req.path }, "a request could not be answered");
		return new Response("internal error\n", { status: 500, headers: plainText });
	});
	return app;
}

const plainText = { "Content-Type": "text/plain; charset=utf-8" };
