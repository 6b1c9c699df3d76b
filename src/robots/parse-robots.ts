/**
 * Robots stage: reads a robots.txt (RFC 9309 §2.2), keeping what concerns one crawler.
 *
 * In: the octets of the file and the crawler's product token. Out: its rules, crawl delay and sitemaps. Never throws, and
 * takes time linear in the file. Lines are found in the octets and cut out one by one: a slice of the decoded file would
 * keep all of it in memory for as long as one of its rules lives.
 *
 * Lines and rules are bounded by the 500 KiB alone. The worst file has 46,000 rules such as `allow:*9zz`: 13 MB of memory,
 * 0.1 s to read in slices, below 1 ms for a decision. One with 14,000 usual lines takes 2 MB.
 *
 * Read as Google's parser reads, which the RFC was written after: lines end in LF, CR or both; a blank line ends nothing;
 * groups that name the same crawler are one; lines of unknown kind are passed over; the usual misspellings count.
 */
import { toOctets, type Octets } from './octets.ts';
import { compilePattern } from './pattern.ts';
import { leadingToken } from './product-token.ts';
import { ALLOW_ALL, RobotsRules, type RobotsRule } from './rules.ts';

export interface RobotsFile {
  /** Anything but text has no rules. */
  readonly kind: Octets['kind'];
  readonly rules: RobotsRules;
  /** Absolute URLs as written. They hold for every crawler. */
  readonly sitemaps: readonly string[];
  /** Not all of it was read: see the limits below and in `octets.ts`. */
  readonly truncated: boolean;
}

/** Octets of a line; the rest of a longer one is passed over. That is Google's limit: 8 times the longest URL of its day. */
const LONGEST_LINE = 2_083 * 8 - 1;
/** A Crawl-delay of more says no more: a day. */
const LONGEST_DELAY_MS = 24 * 3_600_000;
const MOST_SITEMAPS = 1_000;
const LONGEST_SITEMAP = 2_048;

const LF = 10;
const CR = 13;
const SPACE = 32;
const HASH = 35;
const COLON = 58;

type LineKind = 'user-agent' | 'allow' | 'disallow' | 'crawl-delay' | 'sitemap';

/** With the misspellings that Google's parser takes. */
const KINDS: ReadonlyMap<string, LineKind> = new Map([
  ['user-agent', 'user-agent'],
  ['useragent', 'user-agent'],
  ['user agent', 'user-agent'],
  ['allow', 'allow'],
  ['disallow', 'disallow'],
  ['dissallow', 'disallow'],
  ['dissalow', 'disallow'],
  ['disalow', 'disallow'],
  ['diasllow', 'disallow'],
  ['disallaw', 'disallow'],
  ['crawl-delay', 'crawl-delay'],
  ['crawldelay', 'crawl-delay'],
  ['sitemap', 'sitemap'],
  ['site-map', 'sitemap'],
]);
const LONGEST_KEY = 11;

/** Octets read between two pauses: about a millisecond, a few while the code is still cold. */
const SLICE = 16 * 1_024;

/** @param token from `productToken`. */
export function parseRobots(body: Uint8Array, token: string): RobotsFile {
  const parser = new RobotsParser(body, token);
  while (!parser.readSlice());
  return parser.file();
}

/** The same, letting others have their turn in between: the largest files take longer than the main thread may be held. */
export async function parseRobotsInSlices(
  body: Uint8Array,
  token: string,
  pause: () => Promise<void> = nextTurn,
): Promise<RobotsFile> {
  const parser = new RobotsParser(body, token);
  while (!parser.readSlice()) await pause();
  return parser.file();
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** The rules of the crawler's own group, or of `*`. */
class Group {
  isNamed = false;
  readonly rules: RobotsRule[] = [];
  crawlDelayMs: number | null = null;
  readonly #allowed = new Set<string>();
  readonly #forbidden = new Set<string>();

  /** A line that is there twice says no more than once. Looked at where a rule is dear to ask: one without `*` takes some ns. */
  isNew(allow: boolean, value: string): boolean {
    if (!value.includes('*')) return true;
    const known = allow ? this.#allowed : this.#forbidden;
    return known.size < known.add(value).size;
  }
}

/** For whom the next line of one kind is: for those whom the User-agent lines before it name. */
class Audience {
  isOwn = false;
  isAll = false;
  /** Another User-agent line joins those before it. */
  #isNaming = false;

  get isEmpty(): boolean {
    return !this.isOwn && !this.isAll;
  }

  name(isOwn: boolean, isAll: boolean): void {
    this.isOwn = isOwn || (this.#isNaming && this.isOwn);
    this.isAll = isAll || (this.#isNaming && this.isAll);
    this.#isNaming = true;
  }

  /** There was such a line: the next User-agent line begins a new group. */
  addressed(): void {
    this.#isNaming = false;
  }
}

class RobotsParser {
  readonly #octets: Octets;
  readonly #token: string;
  /** Where the next line begins, and its number less 1. */
  #at = 0;
  #lines = 0;
  readonly #own = new Group();
  readonly #all = new Group();
  readonly #ruled = new Audience();
  /** A delay is for those named before it; Allow and Disallow, being no part of it, are shared beyond it. */
  readonly #delayed = new Audience();
  readonly #sitemaps: string[] = [];
  #truncated: boolean;
  /** A User-agent line, and a rule after it, for whomever. */
  #hasGroup = false;
  #isInGroup = false;

  constructor(body: Uint8Array, token: string) {
    this.#octets = toOctets(body);
    this.#token = token;
    this.#truncated = this.#octets.truncated;
  }

  /** Reads on; true = that was the last of it. */
  readSlice(): boolean {
    const { bytes, cutsLine } = this.#octets;
    const sliceEnd = Math.min(this.#at + SLICE, bytes.length);
    while (this.#at < sliceEnd) {
      this.#lines++;
      const start = this.#at;
      let colon = -1;
      let hash = -1;
      let end = start;
      for (; end < bytes.length; end++) {
        const octet = bytes[end];
        if (octet === LF || octet === CR) break;
        if (octet === COLON && colon === -1 && hash === -1) colon = end;
        else if (octet === HASH && hash === -1) hash = end;
      }
      if (end === bytes.length && cutsLine) return true;
      const contentEnd = Math.min(hash === -1 ? end : hash, start + LONGEST_LINE);
      if (contentEnd > start) this.#line(bytes, start, colon, contentEnd);
      this.#at = bytes[end] === CR && bytes[end + 1] === LF ? end + 2 : end + 1;
    }
    return this.#at >= bytes.length;
  }

  file(): RobotsFile {
    const { kind } = this.#octets;
    // RFC 9309 §2.3.1.1: what can be parsed counts, whatever stands around it.
    if (kind !== 'text' && !this.#hasGroup) return { kind, rules: ALLOW_ALL, sitemaps: [], truncated: this.#truncated };
    // RFC 9309 §2.2.1: the rules for all hold for those only who are not named.
    const { rules, crawlDelayMs } = this.#own.isNamed ? this.#own : this.#all;
    return {
      kind: 'text',
      rules: rules.length === 0 && crawlDelayMs === null ? ALLOW_ALL : new RobotsRules(rules, crawlDelayMs),
      sitemaps: this.#sitemaps,
      truncated: this.#truncated,
    };
  }

  #line(bytes: Buffer, start: number, colon: number, end: number): void {
    const from = skipBlanks(bytes, start, end);
    if (from === end) return;
    const separator = colon === -1 || colon >= end ? loneBlank(bytes, from, end) : colon;
    if (separator === -1) return;
    const keyEnd = trimEnd(bytes, from, separator);
    if (keyEnd - from > LONGEST_KEY) return;
    const kind = KINDS.get(bytes.toString('latin1', from, keyEnd).toLowerCase());
    if (kind === undefined) return;
    const valueStart = skipBlanks(bytes, separator + 1, end);
    const valueEnd = trimEnd(bytes, valueStart, end);
    switch (kind) {
      case 'user-agent':
        this.#name(bytes.toString('latin1', valueStart, valueEnd));
        break;
      case 'allow':
      case 'disallow':
        this.#ruled.addressed();
        this.#delayed.addressed();
        this.#hasGroup ||= this.#isInGroup;
        if (!this.#ruled.isEmpty) this.#rule(kind === 'allow', bytes.toString('latin1', valueStart, valueEnd));
        break;
      case 'crawl-delay':
        this.#delayed.addressed();
        if (!this.#delayed.isEmpty) this.#delay(bytes.toString('latin1', valueStart, valueEnd));
        break;
      case 'sitemap':
        this.#sitemap(bytes.toString('utf8', valueStart, valueEnd));
        break;
      default:
        kind satisfies never;
    }
  }

  #name(value: string): void {
    const isAll = /^\*(?:\s|$)/.test(value);
    const isOwn = !isAll && this.#token !== '' && leadingToken(value).toLowerCase() === this.#token;
    if (isOwn) this.#own.isNamed = true;
    this.#isInGroup = true;
    this.#ruled.name(isOwn, isAll);
    this.#delayed.name(isOwn, isAll);
  }

  #rule(allow: boolean, value: string): void {
    // An empty value forbids nothing, and no path begins with anything but a slash.
    if (!value.startsWith('/') && !value.startsWith('*')) return;
    const groups = this.#groupsOf(this.#ruled).filter((group) => group.isNew(allow, value));
    if (groups.length === 0) return;
    const rule = { allow, value, pattern: compilePattern(value, !allow), priority: value.length, line: this.#lines };
    this.#add(groups, rule);
    const folder = allow ? folderOfIndex(value) : null;
    if (folder !== null) {
      this.#add(groups, { ...rule, pattern: compilePattern(folder, false), priority: folder.length });
    }
  }

  #add(groups: readonly Group[], rule: RobotsRule): void {
    for (const { rules } of groups) rules.push(rule);
  }

  #delay(value: string): void {
    if (!/^\d+(?:\.\d*)?$|^\.\d+$/.test(value)) return;
    const delayMs = Math.min(Math.round(Number(value) * 1_000), LONGEST_DELAY_MS);
    for (const group of this.#groupsOf(this.#delayed)) group.crawlDelayMs = Math.max(group.crawlDelayMs ?? 0, delayMs);
  }

  #sitemap(url: string): void {
    if (url === '' || url.length > LONGEST_SITEMAP) return;
    if (this.#sitemaps.length < MOST_SITEMAPS) this.#sitemaps.push(url);
    else this.#truncated = true;
  }

  #groupsOf({ isOwn, isAll }: Audience): Group[] {
    if (isOwn) return isAll ? [this.#own, this.#all] : [this.#own];
    return [this.#all];
  }
}

/** Google's parser lets an Allow of `/folder/index.html` allow `/folder/` too, and only that. */
function folderOfIndex(value: string): string | null {
  const slash = value.lastIndexOf('/');
  return value.startsWith('/index.htm', slash) ? `${value.slice(0, slash + 1)}$` : null;
}

function isBlank(octet: number | undefined): boolean {
  return octet === SPACE || (octet !== undefined && octet >= 9 && octet <= 13);
}

function skipBlanks(bytes: Buffer, from: number, end: number): number {
  let at = from;
  while (at < end && isBlank(bytes[at])) at++;
  return at;
}

function trimEnd(bytes: Buffer, start: number, end: number): number {
  let at = end;
  while (at > start && isBlank(bytes[at - 1])) at--;
  return at;
}

/** The blank of a line of two words, which is taken for a forgotten colon; -1 where there are more or fewer. */
function loneBlank(bytes: Buffer, from: number, end: number): number {
  let blank = from;
  while (blank < end && !isBlank(bytes[blank])) blank++;
  const second = skipBlanks(bytes, blank, end);
  if (second === end) return -1;
  let after = second;
  while (after < end && !isBlank(bytes[after])) after++;
  return skipBlanks(bytes, after, end) === end ? blank : -1;
}
