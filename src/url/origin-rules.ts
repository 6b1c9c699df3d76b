/**
 * Rules for single origins. In: rules by pattern: `https://api.example.com`, with a port if it is not the scheme's own, or
 * `https://*.example.com` for every name below that one (not itself). Out: what holds for one origin, key by key; where
 * several patterns match, the most specific one decides. A pattern without a scheme means https.
 */
import { canonicalHostPattern, HostRules } from './host-rules.ts';

const PATTERN = /^(?:(https?):\/\/)?([^/?#@\\]+?)(?::(\d{1,5}))?\/?$/i;

/** The pattern in canonical form, or `null` where it is none. */
export function canonicalOriginPattern(pattern: string): string | null {
  const [, scheme = 'https', host = '', port = ''] = PATTERN.exec(pattern) ?? [];
  const name = canonicalHostPattern(host);
  const url = name === null ? null : URL.parse(`${scheme}://${name.replace('*.', '')}${port === '' ? '' : `:${port}`}`);
  if (name === null || url === null) return null;
  return url.origin.replace('://', name.startsWith('*.') ? '://*.' : '://');
}

export class OriginRules<R extends object> {
  /** Host rules by scheme and port, as `https:` and `http:8080`. */
  readonly #byPort = new Map<string, HostRules<R>>();

  /** @param rules by canonical pattern. */
  constructor(rules: Readonly<Record<string, R>>) {
    const groups = Map.groupBy(Object.entries(rules), ([pattern]) => portKey(pattern));
    for (const [key, entries] of groups) {
      this.#byPort.set(key, new HostRules(Object.fromEntries(entries.map(([name, rule]) => [hostOf(name), rule]))));
    }
  }

  get isEmpty(): boolean {
    return this.#byPort.size === 0;
  }

  /** What is said of this origin; `undefined` = nothing at all. */
  of(origin: string): Partial<R> | undefined {
    return this.#byPort.get(portKey(origin))?.of(hostOf(origin));
  }
}

function portKey(origin: string): string {
  return `${origin.slice(0, origin.indexOf(':') + 1)}${/:(\d+)$/.exec(origin)?.[1] ?? ''}`;
}

function hostOf(origin: string): string {
  return origin.slice(origin.indexOf('://') + 3).replace(/:\d+$/, '');
}
