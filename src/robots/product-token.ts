/** Robots stage: the name by which robots.txt knows a crawler. */

/** A browser in name only says who it is in the comment: "Mozilla/5.0 (compatible; ExampleBot/1.0; +https://…)". */
const COMPATIBLE = /^Mozilla\/[^(]*\(compatible;\s*(?<name>[A-Za-z_-]+)/;

/**
 * The product token of a User-Agent header (RFC 9309 §2.2.1), in lower case: letters, `_` and `-` up to the first other
 * character. Empty where there is none: then only the rules for `*` apply.
 */
export function productToken(userAgent: string): string {
  const name = COMPATIBLE.exec(userAgent)?.groups?.['name'] ?? leadingToken(userAgent);
  return name.toLowerCase();
}

/** The same of a User-agent line: "FooBot/1.2" means FooBot. */
export function leadingToken(value: string): string {
  return /^[A-Za-z_-]*/.exec(value)?.[0] ?? '';
}
