/**
 * What a run warns of: each thing once, however often it happens.
 *
 * In: a key (what it is about) and a sentence with its remedy. Out: an event at once, and a line of the summary.
 */
export class Warnings {
  readonly #byKey = new Map<string, string>();
  readonly #emit: (message: string) => void;

  constructor(emit: (message: string) => void) {
    this.#emit = emit;
  }

  /** Says it, unless something was said of `key` before. */
  readonly say = (key: string, message: string): void => {
    if (this.#byKey.has(key)) return;
    this.#byKey.set(key, message);
    this.#emit(message);
  };

  /** In the order in which they came up. */
  get messages(): string[] {
    return [...this.#byKey.values()];
  }
}
