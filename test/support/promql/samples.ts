import { chanceFrom } from "../random.ts";

/** One series as exposition text names it, with its samples: milliseconds and value, as text. */
export interface ExposedSeries {
	readonly name: string;
	readonly samples: readonly (readonly [number, string])[];
}

/** When the samples begin, in seconds: a whole hour of a June long past. */
export const START_S = 1_748_736_000;
const EVERY_S = 15;
const HOUR_S = 3_600;

const chance = chanceFrom(20_250_601);

/** Samples every `everyS` from `fromS` to `toS`, a quarter of a second after the whole one. */
function sampled(
	name: string,
	valueAt: (step: number) => number | string,
	{ fromS = 0, toS = HOUR_S, everyS = EVERY_S } = {},
): ExposedSeries {
	const samples: [number, string][] = [];
	for (let second = fromS, step = 0; second < toS; second += everyS, step++)
		samples.push([(START_S + second) * 1000 + 250, String(valueAt(step))]);
	return { name, samples };
}

/** A counter that starts far from zero, and begins anew at each of the steps in `resets`. */
function counter(name: string, growth: number, resets: readonly number[] = []): ExposedSeries {
	let value = 20_000 + chance.below(1_000);
	return sampled(name, (step) => {
		value = resets.includes(step) ? 0 : value + chance.below(growth);
		return value;
	});
}

function requests(): ExposedSeries[] {
	return ["api", "web"].flatMap((job) =>
		["a", "b"].flatMap((instance) =>
			["200", "404", "500"].map((code) =>
				counter(
					`http_requests_total{job="${job}",instance="${instance}",code="${code}"}`,
					code === "200" ? 90 : 7,
					instance === "b" ? [61, 62, 133, 201] : [],
				),
			),
		),
	);
}

function durations(): ExposedSeries[] {
	const bounds = ["0.05", "0.1", "0.25", "1.0", "2.5", "+Inf"];
	return ["api", "web"].flatMap((job) => {
		const name = "http_request_duration_seconds";
		const counts = bounds.map((_, i) => 10_000 * (i + 1));
		const rows: number[][] = [];
		for (let step = 0; step < HOUR_S / EVERY_S; step++) {
			const fresh = bounds.map(() => chance.below(9));
			rows.push(counts.map((_, i) => (counts[i] = (counts[i] ?? 0) + fresh.slice(0, i + 1).reduce((a, b) => a + b))));
		}
		const buckets = bounds.map((le, i) =>
			sampled(`${name}_bucket{job="${job}",le="${le}"}`, (step) => rows[step]?.[i] ?? 0),
		);
		const total = sampled(`${name}_count{job="${job}"}`, (step) => rows[step]?.at(-1) ?? 0);
		return [...buckets, total, counter(`${name}_sum{job="${job}"}`, 12)];
	});
}

function gauges(): ExposedSeries[] {
	const rooms = ["hall", "attic", "cellar", "porch"].map((room, i) =>
		sampled(`temperature{room="${room}",floor="${i % 2}"}`, (step) =>
			(18 - 9 * i + 6 * Math.sin(step / (7 + i)) + chance.next()).toFixed(4),
		),
	);
	const levels = ["low", "middle", "high"].map((level, i) =>
		sampled(`level{is="${level}"}`, (step) => Math.floor(step / (20 * (i + 1))) % 4),
	);
	return [...rooms, ...levels];
}

/** Buckets that do not fit together: none for +Inf, a single one, a bound that is no number, counts that fall, negative bounds. */
function oddBuckets(): ExposedSeries[] {
	const of = (which: string, buckets: Readonly<Record<string, number>>) =>
		Object.entries(buckets).map(([le, count]) => sampled(`odd_bucket{which="${which}",le="${le}"}`, () => count));
	return [
		...of("open", { "0.1": 3, "0.5": 9 }),
		...of("single", { "+Inf": 4 }),
		...of("words", { few: 3, "1.0": 4, "+Inf": 8 }),
		...of("falling", { "0.1": 5, "0.2": 3, "0.4": 8, "+Inf": 10 }),
		...of("negative", { "-1.0": 2, "0.0": 6, "1.0": 7, "+Inf": 7 }),
		...of("empty", { "0.1": 0, "+Inf": 0 }),
	];
}

export const series: readonly ExposedSeries[] = [
	...requests(),
	...durations(),
	...gauges(),
	...oddBuckets(),
	// A counter that is born at zero, series that end, begin again, or show themselves seldom.
	sampled("born_total", (step) => step * 3, { fromS: 1_200 }),
	sampled('short_lived{job="api"}', (step) => step / 8, { fromS: 300, toS: 900 }),
	sampled('short_lived{job="web"}', (step) => -step, { fromS: 300, toS: 2_400 }),
	sampled("seldom", (step) => step * step, { everyS: 240 }),
	sampled("too_seldom", (step) => step, { everyS: 420 }),
	sampled("constant", () => 42),
	sampled('weird{kind="nan"}', () => "NaN"),
	sampled('weird{kind="inf"}', () => "+Inf"),
	sampled('weird{kind="neginf"}', () => "-Inf"),
	sampled('weird{kind="zero"}', () => 0),
	sampled('weird{kind="sometimes"}', (step) => (step % 5 === 0 ? "NaN" : step)),
	sampled('tiny{is="small"}', () => "1.5e-9"),
	sampled('tiny{is="huge"}', () => "2.25e+22"),
	// To be joined with: one for each job, one for each job and instance, and two of the same job.
	sampled('build_info{job="api",version="1.2",team="red"}', () => 1),
	sampled('build_info{job="web",version="2.0"}', () => 1),
	sampled('weight{job="api",instance="a"}', () => 3),
	sampled('weight{job="api",instance="b"}', () => 5),
	sampled('weight{job="web",instance="a"}', () => 7),
	sampled('limit{job="api",code="500"}', () => 25_000),
	sampled('limit{job="api",code="404"}', () => 20_500),
	sampled('escaped{path="C:\\\\a\\"b\\nc",wide="grün→"}', () => 1),
];
