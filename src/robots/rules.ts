/**
 * Robots stage: the rules of one origin for this crawler, and what they say of a URL.
 *
 * In: rules as the parser found them. Out: the one that decides: the longest that matches; of two of the same length, Allow
 * (RFC 9309 §2.2.2). They are sorted by that once, so the first match is the answer, and asking allocates nothing beyond
 * the path. Immutable: shared by all who ask.
 *
 * Asking holds up the main thread for some 20 ms at most: of a file full of `*` and a path of 60,000 characters it says no more
 * than that they are too much.
 */
import { mayHold, pairsOf } from './character-pairs.ts';
import { matches, normalisePath, type Pattern } from './pattern.ts';

export interface RobotsRule {
  readonly allow: boolean;
  /** As written, one character an octet. */
  readonly value: string;
  readonly pattern: Pattern;
  /** Length in octets: the longest match decides. */
  readonly priority: number;
  /** Line in the file, from 1. */
  readonly line: number;
}

/** Instead of a rule: too many with `*` for so long a path. What is not known to be allowed is not. */
export const TOO_LONG = 'too-long';

/**
 * Characters that are looked at for one decision, a path counting again for each rule with `*`. One takes up to 4.6 ns (pieces
 * such as `aaab` in a path of `a` alone), and 300 such rules have room for a path of 13,000.
 */
export const MOST_STEPS: number = 4_000_000;

export class RobotsRules {
  readonly #rules: readonly RobotsRule[];
  readonly #wildcards: number;
  /** What the file asks to wait from one request to the next, ms, uncapped; `null` = nothing. */
  readonly crawlDelayMs: number | null;

  constructor(rules: readonly RobotsRule[], crawlDelayMs: number | null) {
    this.#rules = inOrder(rules);
    this.#wildcards = rules.filter(({ pattern }) => pattern.pieces !== null).length;
    this.crawlDelayMs = crawlDelayMs;
  }

  /** Roughly the bytes of memory it takes. */
  get weight(): number {
    return this.#rules.reduce(
      (sum, { value, pattern }) => sum + 200 + 2 * value.length + 40 * (pattern.pieces?.length ?? 0),
      100,
    );
  }

  /** @param path path and query of a canonical URL (`pathOf`). */
  isAllowed(path: string): boolean {
    if (this.#rules.length === 0) return true;
    const rule = this.ruleFor(path);
    return rule === null || (rule !== TOO_LONG && rule.allow);
  }

  /** The rule that decides; `null` = none matches, so the path is allowed. */
  ruleFor(path: string): RobotsRule | typeof TOO_LONG | null {
    // RFC 9309 §2.2.2: the file itself is always allowed.
    if (path === '/robots.txt') return null;
    const asForbidden = normalisePath(path, true);
    const asAllowed = asForbidden === path ? path : normalisePath(path, false);
    if (this.#wildcards * path.length > MOST_STEPS) return this.#ruleForLong(asForbidden, asAllowed);
    for (const rule of this.#rules) {
      if (matches(rule.pattern, rule.allow ? asAllowed : asForbidden)) return rule;
    }
    return null;
  }

  #ruleForLong(asForbidden: string, asAllowed: string): RobotsRule | typeof TOO_LONG | null {
    const pairs = pairsOf(asForbidden, asAllowed);
    let left = MOST_STEPS;
    for (const rule of this.#rules) {
      const { pattern } = rule;
      const path = rule.allow ? asAllowed : asForbidden;
      if (pattern.pieces !== null) {
        if (!path.startsWith(pattern.prefix) || !mayHold(pairs, pattern.pieces)) continue;
        left -= path.length;
        if (left < 0) return TOO_LONG;
      }
      if (matches(pattern, path)) return rule;
    }
    return null;
  }
}

/** The line as it stands in the file: `Disallow: /private/`. */
export function ruleText({ allow, value }: RobotsRule): string {
  return `${allow ? 'Allow' : 'Disallow'}: ${Buffer.from(value, 'latin1').toString('utf8')}`;
}

/** Longest first, Allow before Disallow. By buckets: sorting the 20,000 rules of the largest files takes ten times as long. */
function inOrder(rules: readonly RobotsRule[]): RobotsRule[] {
  const buckets = new Map<number, RobotsRule[]>();
  for (const rule of rules) {
    const key = 2 * rule.priority + Number(rule.allow);
    const bucket = buckets.get(key);
    if (bucket === undefined) buckets.set(key, [rule]);
    else bucket.push(rule);
  }
  return Array.from(buckets)
    .sort(([a], [b]) => b - a)
    .flatMap(([, bucket]) => bucket);
}

/** The most that `Crawl-delay` is obeyed, ms: a host that asks for more asks not to be crawled, and has Disallow for that. */
export const CRAWL_DELAY_CAP_MS = 30_000;

/** Nothing is forbidden: no file, or one without rules for this crawler. */
export const ALLOW_ALL: RobotsRules = new RobotsRules([], null);
