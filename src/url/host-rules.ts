/**
 * Rules for single hosts, found by name. In: rules by pattern, `example.com` (that host alone) or `*.example.com` (every name
 * below it, not itself). Out: what holds for one host, key by key: of the patterns that match, the most specific one that
 * sets a key decides it. Patterns are canonical (`canonicalHostPattern`), as host names are.
 */

/** The pattern in canonical form (lower case, punycode), or `null` where it is none: a port, a path or a star elsewhere. */
export function canonicalHostPattern(pattern: string): string | null {
  const [prefix, name] = pattern.startsWith('*.') ? ['*.', pattern.slice(2)] : ['', pattern];
  if (name === '' || /[*/?#@\\\s]/.test(name)) return null;
  const url = URL.parse(`http://${name}/`);
  // A port is not part of a host; `:80` would vanish unseen.
  if (url === null || /:\d*$/.test(name.replace(/^\[.*\]/, ''))) return null;
  return prefix + url.hostname;
}

export class HostRules<R extends object> {
  readonly #rules: ReadonlyMap<string, R>;

  constructor(rules: Readonly<Record<string, R>>) {
    this.#rules = new Map(Object.entries(rules));
  }

  /** What is said of this host, a key that no rule sets is missing; `undefined` = nothing at all. */
  of(host: string): Partial<R> | undefined {
    if (this.#rules.size === 0) return undefined;
    const matching: R[] = [];
    for (let dot = host.lastIndexOf('.'); dot > 0; dot = host.lastIndexOf('.', dot - 1)) {
      this.#add(matching, `*${host.slice(dot)}`);
    }
    this.#add(matching, host);
    return matching.length === 0 ? undefined : (Object.assign({}, ...matching) as Partial<R>);
  }

  #add(matching: R[], pattern: string): void {
    const rule = this.#rules.get(pattern);
    if (rule !== undefined) matching.push(rule);
  }
}
