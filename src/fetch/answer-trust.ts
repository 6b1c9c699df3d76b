/**
 * Fetch stage: whether what comes over a used connection is the answer to our request. HTTP/1.1 does not say to which request
 * an answer belongs: one that nobody asked for is taken for the next one's if it arrives after that request has left.
 *
 * So an origin is unproven at first: a connection that has brought an answer carries the next request only after it was
 * quiet for a while (`quiet-watch.ts`). After some such proofs connections are used again at once.
 *
 * What gives a surplus away then: the true answer follows right behind it; or it came sooner than that server has ever answered. So the
 * first answers of an origin over used connections, and those that come at once and quicker than any before, are held for a moment
 * while nothing is sent on their connection. If more arrives, the URL is asked for again on a new connection, for a while
 * each connection of the origin carries one request only, and then it is unproven again, and more proofs are asked of it each time.
 *
 * In: times of answers, proofs, surpluses. Out: whether a connection may be used again, and how long to hold an answer. A few
 * numbers an origin; the first answer of a connection is never in doubt. Owner: the `Origin`.
 */

/** Answers over used connections that have to come alone before an origin is trusted; also requests without reuse after a surplus. */
const PROBATION = 16;

/**
 * Answers behind which it has to stay quiet before connections are used again at once. With 4, a server that sends a surplus
 * behind three answers of ten, drawn at random, passed for a quiet one now and then; a hundred pages were wrong then.
 */
export const PROOFS = 16;

/** After a surplus, as many times more are wanted. */
const MORE_PROOFS = 4;

/** Servers that send an answer too many send the next one right behind it, ms. */
const HELD_MS = 5;

/**
 * What comes later than this after the request was not on its way already when the answer before ended, ms. Of servers that take
 * 50 to 300 ms for a page, every other second answer is the quickest yet: holding those too took 9 % of the time of a
 * crawl of 20,000 hosts of two pages.
 */
const AT_ONCE_MS = 50;

/** The same where nothing is known of the origin yet: also if this process was slow to look, ms. */
const LONGEST_DOUBT_MS = 100;

/** An answer that came early is held until the quickest one would have come, but not longer, ms. */
const LONGEST_LEAD_MS = 100;

export class AnswerTrust {
  /** Below 0: connections are not used again. Below `PROBATION`: each answer over a used one is held. */
  #trust = 0;
  #quickestMs = Infinity;
  /** Proofs that are still wanted. */
  #wanted = PROOFS;
  #wantedAtFirst = PROOFS;

  /** Connections may be used again once they were quiet. */
  get mayReuse(): boolean {
    return this.#trust >= 0;
  }

  /** Connections may be used again at once. */
  get isProven(): boolean {
    return this.#trust >= 0 && this.#wanted === 0;
  }

  /** From a request to its answer, at least so far, ms. */
  get quickestMs(): number {
    return this.#quickestMs;
  }

  /** Proofs that are still to come. */
  get proofsWanted(): number {
    return this.#wanted;
  }

  /** A connection that had brought an answer was quiet. */
  proved(): void {
    if (this.#wanted > 0) this.#wanted--;
  }

  /** How long an answer over a used connection is to be held, ms; 0 = not at all. `ttfbMs`: from the request to its headers. */
  holdMs(ttfbMs: number): number {
    if (ttfbMs >= LONGEST_DOUBT_MS) return 0;
    if (ttfbMs < AT_ONCE_MS && ttfbMs < this.#quickestMs && this.#quickestMs !== Infinity) {
      return HELD_MS + Math.min(this.#quickestMs - ttfbMs, LONGEST_LEAD_MS);
    }
    return this.#trust < PROBATION ? HELD_MS : 0;
  }

  /** An answer came alone, or over a new connection. `ttfbMs` is `Infinity` where it is no measure for others. */
  believed(ttfbMs: number, isReused: boolean): void {
    if (ttfbMs < this.#quickestMs) {
      // Halfway: were it an answer too many after all, the next ones would be early as well.
      const isDoubtful = isReused && this.#quickestMs !== Infinity;
      this.#quickestMs = isDoubtful ? (this.#quickestMs + ttfbMs) / 2 : ttfbMs;
    }
    if (this.#trust < 0 || (isReused && this.#trust < PROBATION)) this.#trust++;
  }

  /** Something came that nobody had asked for. */
  betrayed(): void {
    this.#trust = -PROBATION;
    this.#wantedAtFirst *= MORE_PROOFS;
    this.#wanted = this.#wantedAtFirst;
  }
}
