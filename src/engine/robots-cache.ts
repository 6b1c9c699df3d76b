/**
 * What is known of the robots rules of each origin, in memory: bounded by number and by size, the least recently asked for
 * goes first. What was dropped is read from the file again, so that a crawl of a million hosts needs no more memory.
 */
import type { ErrorClass } from '../model/error-codes.ts';
import type { RobotsAccess } from '../model/robots.ts';
import type { RobotsRules } from '../robots/rules.ts';

export interface RobotsAnswer {
  readonly access: RobotsAccess;
  readonly rules: RobotsRules;
  /** Wall-clock ms; asked again from then on. */
  readonly expiresAt: number;
  /** Why there are no rules to go by: for `disallow-all` and `unreachable`. */
  readonly problem: { readonly errorClass: ErrorClass; readonly detail: string } | null;
}

const MOST_ORIGINS = 32_768;
/** Bytes of rules, roughly. */
const MOST_WEIGHT = 16_000_000;

export class RobotsCache {
  readonly #mostWeight: number;
  readonly #mostOrigins: number;
  /** In order of use, last used last: a Map keeps the order of insertion. */
  readonly #answers = new Map<string, RobotsAnswer>();
  #weight = 0;
  /** The last one asked for: a list sorted by host need not move it again and again. */
  #latest: string | null = null;

  constructor(mostOrigins: number = MOST_ORIGINS, mostWeight: number = MOST_WEIGHT) {
    this.#mostOrigins = mostOrigins;
    this.#mostWeight = mostWeight;
  }

  get(origin: string, now: number): RobotsAnswer | undefined {
    const answer = this.#answers.get(origin);
    if (answer === undefined) return undefined;
    if (answer.expiresAt <= now) {
      this.delete(origin);
      return undefined;
    }
    if (origin !== this.#latest) {
      this.#answers.delete(origin);
      this.#answers.set(origin, answer);
      this.#latest = origin;
    }
    return answer;
  }

  set(origin: string, answer: RobotsAnswer): void {
    this.delete(origin);
    this.#answers.set(origin, answer);
    this.#weight += answer.rules.weight;
    for (const oldest of this.#answers.keys()) {
      const fits = this.#answers.size <= this.#mostOrigins && this.#weight <= this.#mostWeight;
      // The newest stays whatever it weighs: somebody waits for it.
      if (fits || oldest === origin) return;
      this.delete(oldest);
    }
  }

  delete(origin: string): void {
    const answer = this.#answers.get(origin);
    if (answer === undefined) return;
    this.#answers.delete(origin);
    this.#weight -= answer.rules.weight;
    if (this.#latest === origin) this.#latest = null;
  }
}
