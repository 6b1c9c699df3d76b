/**
 * Resolves the hrefs of one page against its base: about 100 a page on real pages, most of them plain relative names.
 *
 * In: raw attribute values. Out: what `canonicalUrl(href, base)` gives, or `null`. The fast path handles hrefs that consist
 * of a path (and query) of harmless characters by joining strings, which takes a fifth of the time of the URL parser; all
 * else goes to the parser. A property test holds both to the same result (test/property/url.property.test.ts).
 */
import { MAX_URL_LENGTH, canonicalUrl } from './canonical.ts';
import type { QueryEncoder } from './legacy-query.ts';

/**
 * Absolute (`/a/b`) or relative (`../a/b`, `b`) path, optional query. Such an href means the same to the URL parser as to
 * string joining: no colon (a scheme), no `%` or dot at the start of a segment (`%2e` and `.` are dot segments), no empty
 * segment (`//host`), no backslash, white space or character that would be percent-encoded. Leading `../` are counted.
 */
const PLAIN =
  /^(?:\/|((?:\.\.\/)*))((?:[\w~!$&'()*+,;=@-][\w.~!$&'()*+,;=@%-]*\/)*(?:[\w~!$&'()*+,;=@-][\w.~!$&'()*+,;=@%-]*)?)(\?[\w.~!$&()*+,;=:@%/?-]*)?$/;
const ABSOLUTE = /^https?:\/\//i;

/** One per page (or per `<base href>`). Immutable, holds a few short strings. */
export class LinkResolver {
  /** `undefined`: the base is no URL, only absolute hrefs resolve. */
  readonly #base: string | undefined;
  /** Scheme, host and port; `null` where the fast path does not apply. */
  readonly #origin: string | null = null;
  /** Path up to and including its last `/`. */
  readonly #directory: string = '/';
  /** The base without query and fragment. */
  readonly #page: string = '';

  /** `null`: queries are UTF-8, as the URL parser has them. */
  readonly #encoder: QueryEncoder | null;

  /**
   * @param base Absolute URL of the page. Credentials in it are not passed on to links.
   * @param encoder For queries on a page in another encoding than UTF-8.
   */
  constructor(base: string, encoder: QueryEncoder | null = null) {
    this.#encoder = encoder;
    const parsed = URL.parse(base);
    if (parsed === null) return;
    parsed.username = '';
    parsed.password = '';
    parsed.hash = '';
    this.#base = parsed.href;
    if (parsed.protocol !== 'https:' && parsed.protocol !== 'http:') return;
    this.#origin = parsed.origin;
    this.#page = parsed.origin + parsed.pathname;
    this.#directory = parsed.pathname.slice(0, parsed.pathname.lastIndexOf('/') + 1);
  }

  /** The absolute canonical link without fragment; `null` for everything that cannot be fetched (`canonicalUrl`'s problems). */
  resolve(href: string): string | null {
    return this.#resolvePlain(href) ?? this.#resolveAny(href);
  }

  #resolvePlain(href: string): string | null {
    if (this.#origin === null || href.length > MAX_URL_LENGTH) return null;
    const fragment = href.indexOf('#');
    const match = PLAIN.exec(fragment === -1 ? href : href.slice(0, fragment));
    if (match === null) return null;
    const [plain, up, path = '', query = ''] = match;
    let url: string;
    if (up === undefined) url = this.#origin + plain;
    else if (up !== '' || path !== '') url = this.#origin + this.#climb(up.length / 3) + path + query;
    else if (query !== '') url = this.#page + query;
    // An href of nothing but a fragment is the page itself, whose own query stays.
    else return null;
    return url.length <= MAX_URL_LENGTH ? url : null;
  }

  /** The directory `levels` above the page's own; the root has none above it. */
  #climb(levels: number): string {
    let directory = this.#directory;
    for (let level = 0; level < levels && directory.length > 1; level++) {
      directory = directory.slice(0, directory.lastIndexOf('/', directory.length - 2) + 1);
    }
    return directory;
  }

  #resolveAny(written: string): string | null {
    const href = this.#encoder === null ? written : this.#encoder(written);
    // With two slashes the base does not matter; not handing it over saves parsing it again.
    const result = canonicalUrl(href, ABSOLUTE.test(href) ? undefined : this.#base);
    return result.ok ? result.url : null;
  }
}
