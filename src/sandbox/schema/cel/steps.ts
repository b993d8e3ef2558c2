/**
 * How many steps along lists and maps one expression may take. It is what a real API server bounds by the cost of an
 * expression: without it, a few loops in one another keep the whole server from answering.
 */
const STEPS_MAX = 1_000_000;

/** One for all, for it may be thrown as often as a list has items. */
const OVER = new Error("operation cancelled: actual cost limit exceeded");

interface Node {
	readonly op: string;
	readonly args: unknown;
	readonly meta: Readonly<Record<string, unknown>>;
}

interface Loop {
	step: { evaluate(evaluator: unknown, node: unknown, context: unknown): unknown };
}

let left = STEPS_MAX;
let isCounting = false;

/** Counts the steps of whatever is asked in it, expressions that others need included. Throws when these are too many. */
export function counted<T>(ask: () => T): T {
	if (isCounting) return ask();
	isCounting = true;
	left = STEPS_MAX;
	try {
		return ask();
	} finally {
		isCounting = false;
	}
}

/** Has each loop of an expression count its steps: what a loop does each time is all that the evaluator asks of `step`. */
export function countSteps(expression: unknown): void {
	const nodes = new Set<Node>();
	collect(expression, nodes);
	for (const node of nodes) if (node.op === "comprehension") countIn(node.args as Loop);
}

function collect(part: unknown, nodes: Set<Node>): void {
	if (Array.isArray(part)) for (const one of part) collect(one, nodes);
	if (!isNode(part) || nodes.has(part)) return;
	nodes.add(part);
	const { alternate, macro } = part.meta;
	collect(alternate, nodes);
	for (const one of Object.values(macro ?? {})) collect(one, nodes);
	collect(part.op === "comprehension" ? Object.values(part.args as object) : part.args, nodes);
}

function countIn(loop: Loop): void {
	const { step } = loop;
	loop.step = {
		evaluate(evaluator, _node, context) {
			left -= 1;
			if (left < 0) throw OVER;
			return step.evaluate(evaluator, step, context);
		},
	};
}

function isNode(value: unknown): value is Node {
	return typeof value === "object" && value !== null && "op" in value && "meta" in value;
}
