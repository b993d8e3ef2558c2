import type { Deed, Json, ServedKind } from "../../contract.ts";
import { selects } from "../label-selectors.ts";
import { fieldsOf, groupOf, itemsOf } from "../problems.ts";

/** In which group and version a policy looks at what is done; undefined: not at all. */
export function matchedAs(constraints: unknown, deed: Deed): ServedKind | undefined {
	const { namespaceSelector, objectSelector, resourceRules, excludeResourceRules, matchPolicy } = fieldsOf(constraints);
	if (!isNamespaceSelected(fieldsOf(namespaceSelector), deed)) return undefined;
	if (!isObjectSelected(fieldsOf(objectSelector), deed)) return undefined;
	const kinds = matchPolicy === "Exact" ? [deed.kind] : [deed.kind, ...deed.alsoServed];
	const matching = (rules: unknown) =>
		kinds.find((kind) =>
			itemsOf(rules)
				.map(fieldsOf)
				.some((rule) => isRuled(rule, kind, deed)),
		);
	if (matching(excludeResourceRules) !== undefined) return undefined;
	return itemsOf(resourceRules).length === 0 ? deed.kind : matching(resourceRules);
}

function isRuled(rule: Json, kind: ServedKind, deed: Deed): boolean {
	const names = itemsOf(rule.resourceNames);
	return (
		isInScope(rule.scope, kind) &&
		includes(rule.operations, deed.operation) &&
		includes(rule.apiGroups, groupOf(kind.apiVersion)) &&
		includes(rule.apiVersions, kind.apiVersion.slice(kind.apiVersion.indexOf("/") + 1)) &&
		itemsOf(rule.resources).some((resource) => isResource(String(resource), kind, deed)) &&
		(names.length === 0 || names.includes(deed.name))
	);
}

function includes(words: unknown, word: string): boolean {
	return itemsOf(words).some((one) => one === "*" || one === word);
}

function isResource(asked: string, { plural }: ServedKind, { subresource }: Deed): boolean {
	const slash = asked.indexOf("/");
	const [resource, below] = slash < 0 ? [asked, ""] : [asked.slice(0, slash), asked.slice(slash + 1)];
	return (resource === "*" || resource === plural) && (below === "*" || below === subresource);
}

function isInScope(scope: unknown, { namespaced }: ServedKind): boolean {
	if (scope === undefined || scope === "*") return true;
	return (scope === "Namespaced") === namespaced;
}

/** What lies in no namespace is always looked at; a namespace is chosen by its own labels. */
function isNamespaceSelected(selector: Json, { kind, namespace, subresource, object, home }: Deed): boolean {
	if (isEmpty(selector) || namespace === undefined) return true;
	const isWritten = isNamespace(kind) && subresource === "" && object !== undefined;
	return selects(selector, fieldsOf((isWritten ? object : home)?.metadata.labels));
}

function isObjectSelected(selector: Json, { object, oldObject }: Deed): boolean {
	if (isEmpty(selector)) return true;
	return [object, oldObject].some((one) => one !== undefined && selects(selector, fieldsOf(one.metadata.labels)));
}

function isEmpty(selector: Json): boolean {
	return Object.keys(fieldsOf(selector.matchLabels)).length + itemsOf(selector.matchExpressions).length === 0;
}

export function isNamespace({ apiVersion, kind }: ServedKind): boolean {
	return apiVersion === "v1" && kind === "Namespace";
}
