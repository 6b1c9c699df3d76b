/**
 * The line of outcomes between the engine, which pushes after each commit, and the caller's loop, which pulls.
 *
 * Order 'completed': as they come. Order 'input': in the order of the URLs given; outcomes that come early wait here until
 * their turn (their metadata only; bodies stay in the file), and what never comes (settled by an earlier run) is passed
 * over at the end. Invariant: every outcome that is put comes out once, unless the line was closed before.
 */
import type { Outcome } from '../model/outcome.ts';

export class OutcomeLine {
  readonly #order: 'completed' | 'input';
  readonly #ready: Outcome[] = [];
  #head = 0;
  /** Input order: URL → its place; place → outcome that came early. */
  readonly #places = new Map<string, number>();
  readonly #early = new Map<number, Outcome>();
  #nextPlace = 0;
  #state: 'open' | 'ended' | 'closed' = 'open';
  #failure: unknown;
  #reader: PromiseWithResolvers<void> | null = null;
  #consumed: PromiseWithResolvers<void> | null = null;

  constructor(order: 'completed' | 'input') {
    this.#order = order;
  }

  /** A URL was given; the same URL given again shares the first one's outcome. */
  expect(url: string): void {
    if (this.#order === 'input' && !this.#places.has(url)) this.#places.set(url, this.#places.size);
  }

  put(outcome: Outcome): void {
    if (this.#state === 'closed') return;
    if (this.#order === 'input') {
      this.expect(outcome.url); // a rejected text has its place too
      this.#early.set(this.#places.get(outcome.url) ?? 0, outcome);
      this.#release(false);
    } else {
      this.#ready.push(outcome);
    }
    this.#wake();
  }

  /** The next outcome; `undefined` at the end. Asking for it is what tells the engine that the ones before are dealt with. */
  async next(): Promise<Outcome | undefined> {
    for (;;) {
      const outcome = this.#ready[this.#head];
      if (outcome !== undefined) {
        this.#head++;
        if (this.#head === this.#ready.length) {
          this.#ready.length = 0;
          this.#head = 0;
        }
        return outcome;
      }
      this.#consumed?.resolve();
      this.#consumed = null;
      if (this.#failure !== undefined) throw this.#failure;
      if (this.#state !== 'open') return undefined;
      this.#reader = Promise.withResolvers();
      await this.#reader.promise;
    }
  }

  /** Resolves when the loop has asked for more than there was. */
  async consumed(): Promise<void> {
    if (this.#ready.length === 0 || this.#state === 'closed') return;
    this.#consumed ??= Promise.withResolvers();
    await this.#consumed.promise;
  }

  /** No more outcomes will be put. */
  end(): void {
    if (this.#state !== 'open') return;
    this.#state = 'ended';
    this.#release(true);
    this.#wake();
  }

  fail(error: unknown): void {
    this.#failure ??= error;
    this.end();
  }

  /** The caller has left: nobody will ask again, and nobody may be kept waiting. */
  close(): void {
    this.#state = 'closed';
    this.#ready.length = 0;
    this.#consumed?.resolve();
    this.#wake();
  }

  #release(all: boolean): void {
    for (;;) {
      const outcome = this.#early.get(this.#nextPlace);
      if (outcome === undefined && !(all && this.#nextPlace < this.#places.size)) return;
      this.#early.delete(this.#nextPlace);
      this.#nextPlace++;
      if (outcome !== undefined) this.#ready.push(outcome);
    }
  }

  #wake(): void {
    this.#reader?.resolve();
    this.#reader = null;
  }
}
