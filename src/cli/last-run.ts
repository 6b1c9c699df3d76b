/**
 * Command line: what a database remembers of its last run, for continuing it without its list. Lists and patterns that had
 * not been read to their end are read on, where they still exist; what was read completely is not opened again.
 */
import { existsSync } from 'node:fs';

import type { SourceBook } from '../model/url-state.ts';

export interface LastRun {
  /** Its settings, in the form of a config file, with only those sources that are still to be read. */
  readonly config: object;
  readonly notes: readonly string[];
}

/** @throws {StoreError} where the file is not a usable database. */
export async function lastRunOf(file: string): Promise<LastRun> {
  const { openReader } = await import('../store/reader.ts');
  const reader = openReader(file);
  try {
    const { sources, lastRun } = reader.summary();
    const recorded = asMap(lastRun === null ? {} : (JSON.parse(lastRun.config) as unknown));
    const { urls, patterns, notes } = unread(sources, asMap(recorded['input']));
    const input = { ...asMap(recorded['input']), urls, 'url-pattern': patterns };
    return { config: { ...recorded, input }, notes };
  } finally {
    reader.close();
  }
}

function unread(
  sources: readonly SourceBook[],
  input: Readonly<Record<string, unknown>>,
): { urls: string[] | null; patterns: string[] | null; notes: string[] } {
  const recorded = texts(input['url-pattern']);
  const urls: string[] = [];
  const patterns: string[] = [];
  const notes: string[] = [];
  for (const { name, complete, lines } of sources) {
    if (complete) continue;
    if (recorded.includes(name)) patterns.push(name);
    else if (name !== '-' && existsSync(name)) urls.push(name);
    else {
      const what = name === '-' ? 'stdin' : name;
      notes.push(
        `${what} was read up to line ${String(lines)} only and cannot be read on; the URLs known so far are crawled`,
      );
    }
  }
  // `null` = not set: an empty list would be a source of its own.
  return { urls: urls.length > 0 ? urls : null, patterns: patterns.length > 0 ? patterns : null, notes };
}

function asMap(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}

function texts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}
