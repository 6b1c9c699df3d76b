/**
 * Looks into an output that exists already, before anything is changed. A run is not removed unasked. And a file holds the
 * runs of one list: each source is held against those it knows; the same list (by path, or by content at another path) goes
 * on, another one needs `--add`.
 */
import { existsSync } from 'node:fs';
import { ConfigError, StoreError } from '../model/errors.ts';
import type { Producer } from '../model/seed.ts';
import { sourceName } from '../report/books.ts';
import { plural } from '../report/numbers.ts';
import { openReader, type StoreReader } from '../store/reader.ts';

/**
 * @throws {ConfigError} `ERR_USAGE` where the file holds a run: `--fresh` would remove it.
 * @throws {StoreError} where that cannot be told: a damaged file, or one of a newer version.
 */
export function refuseToRemove(output: string): void {
  if (!existsSync(output)) return;
  const reader = openUnlessEmpty(output);
  if (reader === null) return;
  try {
    const { urls, lastRun } = reader.summary();
    if (lastRun === null) return;
    const text = `${output} holds a run with ${plural(urls.known, 'URL')}, which --fresh would remove; add --force, or choose another file with -o`;
    throw new ConfigError([text], 'ERR_USAGE');
  } finally {
    reader.close();
  }
}

/** @throws {ConfigError} `ERR_INPUT`, one line per foreign source, with the count of URLs that the file holds. */
export function refuseForeignSources(output: string, producers: readonly Producer[]): void {
  const reader = openIfPossible(output);
  if (reader === null) return;
  try {
    const known = reader.sources();
    if (known.length === 0) return;
    const problems = producers
      .filter(({ identity }) => {
        return !known.some(
          ({ kind, name, fingerprint }) =>
            (kind === identity.kind && name === identity.name) ||
            (identity.fingerprint !== null && fingerprint === identity.fingerprint),
        );
      })
      .map(
        ({ identity }) =>
          `${output} holds ${reader.books().urls.known} URLs of another list (${sourceName(known.at(-1)?.name ?? '')}), not of ` +
          `${sourceName(identity.name)}: add its URLs with --add, or write to another file with -o FILE.db`,
      );
    if (problems.length > 0) throw new ConfigError(problems, 'ERR_INPUT');
  } finally {
    reader.close();
  }
}

/** `null` where the file holds no run: a kill may have come before its first commit. */
function openUnlessEmpty(output: string): StoreReader | null {
  try {
    return openReader(output);
  } catch (error) {
    if (error instanceof StoreError && error.code === 'ERR_NOT_FOUND') return null;
    throw error;
  }
}

/** What is wrong with the file is the store's to say, when it opens it. */
function openIfPossible(output: string): StoreReader | null {
  if (!existsSync(output)) return null;
  try {
    return openReader(output);
  } catch {
    return null;
  }
}
