/**
 * Fetch stage: the headers that every request carries, built once for a run and not once a page.
 *
 * In: the user's headers. Out: two flat lists [name, value, name, value …]: one for the origin of the requested URL, one
 * without credentials for every other origin that a redirect leads to (RFC 9110 §15.4: authentication is not for others).
 */
import { ConfigError } from '../model/errors.ts';

const DEFAULTS: readonly (readonly [name: string, value: string])[] = [
  ['accept', 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8'],
  ['accept-encoding', 'gzip, deflate, br, zstd'],
];

/** Sent only to the origin they were meant for. `host` renames that origin, so it stays there too. */
const FOR_ONE_ORIGIN: ReadonlySet<string> = new Set(['authorization', 'cookie', 'proxy-authorization', 'host']);

/** Belong to the connection or to a request body: the fetch stage's own business. */
const NOT_THE_USERS: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'expect',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

// RFC 9110 §5.6.2 (token) and §5.5 (field value).
const NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

export class RequestHeaders {
  readonly #requested: readonly string[];
  readonly #elsewhere: readonly string[];

  /** The user's headers win over the defaults. @throws {ConfigError} for a header that cannot be sent, naming all of them. */
  constructor(headers: Readonly<Record<string, string>>, userAgent: string) {
    const fields = new Map<string, string>([...DEFAULTS, ['user-agent', userAgent]]);
    const problems: string[] = [];
    for (const [name, value] of Object.entries(headers)) {
      const key = name.toLowerCase();
      if (NOT_THE_USERS.has(key)) problems.push(`header ${name} cannot be set: it is managed by the connection`);
      else if (!NAME.test(name)) problems.push(`"${name}" is not a header name`);
      else if (!VALUE.test(value)) problems.push(`the value of header ${name} holds a character that cannot be sent`);
      else fields.set(key, value);
    }
    if (problems.length > 0) throw new ConfigError(problems);
    this.#requested = [...fields].flat();
    this.#elsewhere = [...fields].filter(([name]) => !FOR_ONE_ORIGIN.has(name)).flat();
  }

  /** For the origin of the URL that was asked for. */
  forRequested(): readonly string[] {
    return this.#requested;
  }

  /** `headers` with the jar's cookies: a cookie that the user gave too is sent as the server has set it since. */
  withCookies(headers: readonly string[], cookie: string): readonly string[] {
    const at = headers.findIndex((text, i) => i % 2 === 0 && text === 'cookie');
    if (at === -1) return [...headers, 'cookie', cookie];
    const names = new Set(cookie.split('; ').map(nameOf));
    const given = (headers[at + 1] ?? '').split(/; */).filter((pair) => pair !== '' && !names.has(nameOf(pair)));
    return headers.with(at + 1, [...given, cookie].join('; '));
  }

  /** For a hop that has left the origin of the requested URL. */
  forOthers(): readonly string[] {
    return this.#elsewhere;
  }
}

function nameOf(pair: string): string {
  return pair.split('=', 1)[0] ?? pair;
}
