/** The text on one line, without anything that a terminal would obey: people and registries wrote it. */
export function oneLine(text: string): string {
	return text.replaceAll(/[\p{Cc}\s]+/gu, " ").trim();
}
