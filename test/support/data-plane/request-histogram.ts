const BOUNDS_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** `http_request_duration_seconds{status}` of one pod, in Prometheus text. */
export class RequestHistogram {
	readonly #byStatus = new Map<number, { readonly buckets: number[]; count: number; sum: number }>();

	observe(status: number, seconds: number): void {
		const series = this.#byStatus.get(status) ?? { buckets: BOUNDS_SECONDS.map(() => 0), count: 0, sum: 0 };
		this.#byStatus.set(status, series);
		series.count++;
		series.sum += seconds;
		BOUNDS_SECONDS.forEach((bound, index) => {
			if (seconds <= bound) series.buckets[index] = (series.buckets[index] ?? 0) + 1;
		});
	}

	/** The exposition; without a request there is a series of status 200 at zero, so that the first increase is seen. */
	text(): string {
		if (this.#byStatus.size === 0) this.#byStatus.set(200, { buckets: BOUNDS_SECONDS.map(() => 0), count: 0, sum: 0 });
		const name = "http_request_duration_seconds";
		const lines = [`# HELP ${name} Time taken to answer.`, `# TYPE ${name} histogram`];
		for (const [status, { buckets, count, sum }] of this.#byStatus) {
			BOUNDS_SECONDS.forEach((bound, index) => {
				lines.push(`${name}_bucket{status="${status}",le="${bound}"} ${buckets[index]}`);
			});
			lines.push(`${name}_bucket{status="${status}",le="+Inf"} ${count}`);
			lines.push(`${name}_sum{status="${status}"} ${sum}`, `${name}_count{status="${status}"} ${count}`);
		}
		return `${lines.join("\n")}\n`;
	}
}
