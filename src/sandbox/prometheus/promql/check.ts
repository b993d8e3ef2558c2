import { knownFunctions, signatures } from "./signatures.ts";
import {
	type Aggregate,
	type Binary,
	type Call,
	comparisons,
	type Expr,
	QueryError,
	setOperators,
	type ValueType,
} from "./syntax.ts";

const refuse = (why: string) => new QueryError(`parse error: ${why}`);
const isValue = (type: ValueType) => type === "scalar" || type === "instant vector";

/** Throws QueryError, in the words of Prometheus, unless every part is of a type that fits where it stands. */
export function checkQuery(expr: Expr): ValueType {
	switch (expr.kind) {
		case "number":
			return "scalar";
		case "string":
			return "string";
		case "selector":
			return "instant vector";
		case "range":
			return "range vector";
		case "paren":
			return checkQuery(expr.expr);
		case "unary": {
			const type = checkQuery(expr.expr);
			if (!isValue(type))
				throw refuse(`unary expression only allowed on expressions of type scalar or instant vector, got "${type}"`);
			return type;
		}
		case "subquery": {
			const type = checkQuery(expr.expr);
			if (type !== "instant vector") throw refuse(`subquery is only allowed on instant vector, got ${type} instead`);
			return "range vector";
		}
		case "call":
			return checkCall(expr);
		case "aggregate":
			return checkAggregate(expr);
		case "binary":
			return checkBinary(expr);
	}
}

function checkCall({ name, args }: Call): ValueType {
	const signature = signatures.get(name);
	if (signature === undefined)
		throw refuse(`the sandbox's Prometheus does not know function "${name}"; it knows ${knownFunctions}`);
	const { takes, optional, returns } = signature;
	const least = takes.length - optional;
	const most = signature.variadic ? Number.POSITIVE_INFINITY : takes.length;
	if (args.length < least || args.length > most) {
		const bound = least === most ? "" : args.length < least ? "at least " : "at most ";
		const count = args.length < least ? least : most;
		throw refuse(`expected ${bound}${count} argument(s) in call to "${name}", got ${args.length}`);
	}
	for (const [i, arg] of args.entries()) {
		const wanted = takes[Math.min(i, takes.length - 1)];
		const type = checkQuery(arg);
		if (type !== wanted) throw refuse(`expected type ${wanted} in call to function "${name}", got ${type}`);
	}
	return returns;
}

const aggregations = new Set([
	...["sum", "avg", "min", "max", "count", "stddev", "stdvar", "group"],
	...["quantile", "topk", "bottomk", "count_values"],
]);

function checkAggregate({ op, param, expr }: Aggregate): ValueType {
	if (!aggregations.has(op))
		throw refuse(
			`the sandbox's Prometheus does not know aggregation "${op}"; it knows ${[...aggregations].join(", ")}`,
		);
	const type = checkQuery(expr);
	if (type !== "instant vector") throw refuse(`expected type instant vector in aggregation expression, got ${type}`);
	const paramType = param && checkQuery(param);
	const wanted = op === "count_values" ? "string" : "scalar";
	if (paramType !== undefined && paramType !== wanted)
		throw refuse(`expected type ${wanted} in aggregation parameter, got ${paramType}`);
	return "instant vector";
}

function checkBinary({ op, left, right, bool, matching }: Binary): ValueType {
	const types = [checkQuery(left), checkQuery(right)] as const;
	if (bool && !comparisons.has(op)) throw refuse("bool modifier can only be used on comparison operators");
	if (!types.every(isValue)) throw refuse("binary expression must contain only scalar and instant vector types");
	const isScalar = types.every((type) => type === "scalar");
	if (isScalar && comparisons.has(op) && !bool) throw refuse("comparisons between scalars must use BOOL modifier");
	const hasScalar = types.includes("scalar");
	if (setOperators.has(op) && hasScalar) throw refuse(`set operator "${op}" not allowed in binary scalar expression`);
	if (matching && hasScalar) throw refuse("vector matching only allowed between instant vectors");
	if (matching?.many !== undefined && setOperators.has(op)) throw refuse(`no grouping allowed for "${op}" operation`);
	const twice = matching?.on ? matching.include.find((label) => matching.labels.includes(label)) : undefined;
	if (twice !== undefined) throw refuse(`label "${twice}" must not occur in ON and GROUP clause at once`);
	return isScalar ? "scalar" : "instant vector";
}
