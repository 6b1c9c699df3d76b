/**
 * Fetch stage: the headers of requests: which of them go to which origin.
 *
 * In: what the user gave: headers for all (`-H`), headers by origin (`fetch.origin-headers`), user names and passwords in URLs.
 * Out: for each request a flat list [name, value, name, value …]. Invariants (RFC 9110 §15.4 and §17.16.3):
 *
 * - headers for all go everywhere, but of those that authenticate only to the origins of listed URLs, and never once a
 *   redirect has left that origin, not even back to it: a foreign server has chosen that URL;
 * - headers of an origin and the password of a URL go to exactly that origin (scheme, host and port), redirects to it included;
 * - the lists are built once a run and origin, not once a page: a run without secrets has one list.
 */
import { createRequire } from 'node:module';
import type * as Tldts from 'tldts';
import { ConfigError } from '../model/errors.ts';
import { OriginRules } from '../url/origin-rules.ts';
import { isSecretHeader } from '../url/redact.ts';

type HeaderMap = Readonly<Record<string, string>>;

export interface RequestHeaderOptions {
  /** For all origins. They win over the defaults. */
  readonly headers: HeaderMap;
  /** By origin pattern (`url/origin-rules.ts`); they win over those for all. */
  readonly originHeaders: Readonly<Record<string, HeaderMap>>;
  readonly userAgent: string;
  readonly warn: (key: string, message: string) => void;
}

const DEFAULTS: readonly (readonly [name: string, value: string])[] = [
  ['accept', 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8'],
  ['accept-encoding', 'gzip, deflate, br, zstd'],
];

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

/** Origins whose lists are kept: as many as connections are kept to, and then some. */
const MOST_KEPT = 1_024;

const loadNow = createRequire(import.meta.url);

export class RequestHeaders {
  readonly #warn: RequestHeaderOptions['warn'];
  /** Everywhere. */
  readonly #plain: ReadonlyMap<string, string>;
  /** To the origins of listed URLs. `host` renames that origin, so it stays there too. */
  readonly #secret: ReadonlyMap<string, string>;
  readonly #rules: OriginRules<HeaderMap>;
  /** Origin → value of Authorization. */
  readonly #passwords = new Map<string, string>();
  /** Origins of listed URLs; only filled where there are secrets for them. */
  readonly #listed = new Set<string>();
  readonly #plainList: readonly string[];
  readonly #fullList: readonly string[];
  /** By origin, with `+` in front where the secrets for all are among them. */
  readonly #lists = new Map<string, readonly string[]>();
  /** The first host that the secrets for all went to. */
  #firstHost: string | null = null;
  #hasWarned = false;

  /** @throws {ConfigError} for headers that cannot be sent, naming all of them. */
  constructor({ headers, originHeaders, userAgent, warn }: RequestHeaderOptions) {
    const fields = new Map<string, string>([...DEFAULTS, ['user-agent', userAgent]]);
    const problems = [headers, ...Object.values(originHeaders)].flatMap(problemsOf);
    if (problems.length > 0) throw new ConfigError(problems);
    for (const [name, value] of Object.entries(headers)) fields.set(name.toLowerCase(), value);
    const isSecret = ([name]: readonly [string, string]): boolean => name === 'host' || isSecretHeader(name);
    this.#warn = warn;
    this.#plain = new Map([...fields].filter((field) => !isSecret(field)));
    this.#secret = new Map([...fields].filter(isSecret));
    this.#rules = new OriginRules(originHeaders);
    this.#plainList = [...this.#plain].flat();
    this.#fullList = [...this.#plain, ...this.#secret].flat();
  }

  /**
   * A URL of this origin was listed with a user name and password; `authorization` is what they become.
   * Of several for one origin the first stays: which URL would get which cannot be told from the file afterwards.
   */
  addPassword(origin: string, authorization: string): void {
    const known = this.#passwords.get(origin);
    if (known === undefined) {
      this.#passwords.set(origin, authorization);
      this.#lists.clear();
    } else if (known !== authorization) {
      this.#warn(
        `passwords ${origin}`,
        `URLs of ${origin} were listed with different user names or passwords; all are asked with the first`,
      );
    }
  }

  /** For the first request of a lease, to its own URL. */
  forLease(url: URL, isListed: boolean): readonly string[] {
    if (this.#secret.size === 0) return this.#listOf(url, false);
    const { origin } = url;
    if (isListed) {
      this.#noteSite(url);
      this.#listed.add(origin);
    }
    return this.#listOf(url, isListed || this.#listed.has(origin));
  }

  /** For a hop; `hasLeft`: this one or one before has led to another origin. */
  forHop(url: URL, hasLeft: boolean, previous: readonly string[]): readonly string[] {
    return hasLeft ? this.#listOf(url, false) : previous;
  }

  /** `headers` with the jar's cookies: a cookie that the user gave too is sent as the server has set it since. */
  withCookies(headers: readonly string[], cookie: string): readonly string[] {
    const at = headers.findIndex((text, i) => i % 2 === 0 && text === 'cookie');
    if (at === -1) return [...headers, 'cookie', cookie];
    const names = new Set(cookie.split('; ').map(nameOf));
    const given = (headers[at + 1] ?? '').split(/; */).filter((pair) => pair !== '' && !names.has(nameOf(pair)));
    return headers.with(at + 1, [...given, cookie].join('; '));
  }

  #listOf(url: URL, isFull: boolean): readonly string[] {
    if (this.#rules.isEmpty && this.#passwords.size === 0) return isFull ? this.#fullList : this.#plainList;
    const { origin } = url;
    const key = isFull ? `+${origin}` : origin;
    let list = this.#lists.get(key);
    if (list === undefined) {
      if (this.#lists.size >= MOST_KEPT) this.#lists.clear();
      list = this.#build(origin, isFull);
      this.#lists.set(key, list);
    }
    return list;
  }

  /** The more particular wins: what is said of an origin, then the password in a URL, then headers for all. */
  #build(origin: string, isFull: boolean): readonly string[] {
    const fields = new Map([...this.#plain, ...(isFull ? this.#secret : [])]);
    const password = this.#passwords.get(origin);
    if (password !== undefined) fields.set('authorization', password);
    for (const [name, value] of Object.entries(this.#rules.of(origin) ?? {})) {
      if (value !== undefined) fields.set(name.toLowerCase(), value);
    }
    return [...fields].flat();
  }

  /** Warns when the secrets for all go to a second site: then they are hardly meant for all. */
  #noteSite(url: URL): void {
    if (this.#hasWarned || url.hostname === this.#firstHost) return;
    if (this.#firstHost === null) {
      this.#firstHost = url.hostname;
      return;
    }
    const { getDomain } = loadNow('tldts') as typeof Tldts;
    const first = this.#firstHost;
    const siteOf = (host: string): string => getDomain(host, { allowPrivateDomains: true }) ?? host;
    if (siteOf(url.hostname) === siteOf(first)) return;
    this.#hasWarned = true;
    const names = [...this.#secret.keys()].join(', ');
    this.#warn(
      'secret headers',
      `the header ${names} goes to more than one site (${first}, ${url.hostname}): every listed URL gets it; ` +
        'put it under fetch.origin-headers to send it to one origin alone',
    );
  }
}

function problemsOf(headers: HeaderMap): string[] {
  return Object.entries(headers).flatMap(([name, value]) => {
    if (NOT_THE_USERS.has(name.toLowerCase())) {
      return [`header ${name} cannot be set: it is managed by the connection`];
    }
    if (!NAME.test(name)) return [`"${name}" is not a header name`];
    return VALUE.test(value) ? [] : [`the value of header ${name} holds a character that cannot be sent`];
  });
}

function nameOf(pair: string): string {
  return pair.split('=', 1)[0] ?? pair;
}
