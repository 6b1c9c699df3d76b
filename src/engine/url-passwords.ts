/**
 * User names and passwords in listed URLs, on their way past the store. Lines arrive with what they become (`authorization`)
 * and leave without it: it is kept in memory only, by origin, in the fetch stage. The file knows no more than the last line
 * of each source that had any; a later run over the same source reads it again up to there, and one that has no such source
 * any more says what it misses.
 */
import type { KnownSource } from '../model/ports.ts';
import type { Producer, SeedBatch, SeedLine } from '../model/seed.ts';
import { sourceName } from '../report/books.ts';

export interface UrlPasswordsOptions {
  readonly add: (origin: string, authorization: string) => void;
  readonly warn: (key: string, message: string) => void;
}

const BATCH_LINES = 1_000;

export class UrlPasswords {
  readonly #options: UrlPasswordsOptions;

  constructor(options: UrlPasswordsOptions) {
    this.#options = options;
  }

  /** A batch as it may be stored, and the last of its lines that had a password (0: none). */
  take(batch: SeedBatch): { readonly lines: readonly SeedLine[]; readonly passwordLine: number } {
    let passwordLine = 0;
    for (const line of batch.lines) {
      if (line.kind !== 'url' || line.authorization === undefined) continue;
      this.#options.add(new URL(line.url).origin, line.authorization);
      passwordLine = line.line;
    }
    if (passwordLine === 0) return { lines: batch.lines, passwordLine };
    return { lines: batch.lines.map(withoutPassword), passwordLine };
  }

  /**
   * Reads again what earlier runs have read of these sources, as far as there were passwords; to be done before anything is
   * fetched. Warns of passwords that cannot be had again: those of standard input, and of sources that this run does not read.
   */
  async recall(sources: readonly KnownSource[], producers: readonly Producer[]): Promise<void> {
    const missing: string[] = [];
    for (const { kind, name, passwordLine } of sources) {
      if (passwordLine === 0) continue;
      const producer = producers.find(({ identity }) => identity.kind === kind && identity.name === name);
      // Without a fingerprint it can be read only once.
      if (producer !== undefined && producer.identity.fingerprint !== null) await this.#reread(producer, passwordLine);
      else missing.push(sourceName(name));
    }
    if (missing.length === 0) return;
    this.#options.warn(
      'missing passwords',
      `URLs had user names or passwords (${missing.join(', ')}), which are not recorded: they are asked without; ` +
        'give the same input again, or set fetch.origin-headers',
    );
  }

  async #reread(producer: Producer, passwordLine: number): Promise<void> {
    for await (const batch of producer.batches({ byteOffset: 0, line: 0 }, BATCH_LINES)) {
      this.take(batch);
      if (batch.position.line >= passwordLine) return;
    }
  }
}

function withoutPassword(line: SeedLine): SeedLine {
  if (line.kind !== 'url' || line.authorization === undefined) return line;
  const { authorization: _, ...rest } = line;
  return rest;
}
