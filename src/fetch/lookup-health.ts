/**
 * Fetch stage: notices when look-ups of host names fail too often: a list of dead hosts looks like that, and so does a
 * resolver that cannot cope.
 */

const FEWEST_LOOKUPS = 50;
const TOLERATED_SHARE = 0.05;

const NO_SUCH_NAME: ReadonlySet<string> = new Set(['ENOTFOUND', 'ENODATA']);

export class LookupHealth {
  readonly #warn: (key: string, message: string) => void;
  #lookups = 0;
  #unknown = 0;
  #trouble = 0;

  /** `warn` says each key once. */
  constructor(warn: (key: string, message: string) => void) {
    this.#warn = warn;
  }

  /** A look-up has ended: with an error code, or `null`. */
  ended(code: string | null): void {
    this.#lookups++;
    if (code === null) return;
    if (NO_SUCH_NAME.has(code)) this.#unknown++;
    else this.#trouble++;
    if (this.#lookups < FEWEST_LOOKUPS) return;
    const seen = `of ${this.#lookups} look-ups of host names`;
    if (this.#trouble > TOLERATED_SHARE * this.#lookups) {
      this.#warn(
        'dns-trouble',
        `${this.#trouble} ${seen} failed without an answer (${code}): the resolver may be overloaded; use fewer fetches ` +
          'at a time (-c) or a resolver on this machine, and try those URLs again with crawl retry --error dns',
      );
    } else if (this.#unknown > TOLERATED_SHARE * this.#lookups) {
      this.#warn(
        'dns-unknown',
        `${this.#unknown} ${seen} found no such name: the list may be old, or the resolver does not know these names`,
      );
    }
  }
}
