/**
 * Command line: the settings of a run. Beside what `config/` does with flags, environment and file, this looks into an
 * existing output: a file that is continued without a list gives its last run's settings, and `--fresh` asks before it removes a run.
 */
import { existsSync } from 'node:fs';

import { toSettings, type LoadedSettings } from '../config/load.ts';
import { assertValid, resolveConfig, type ResolvedConfig } from '../config/resolve.ts';
import { ConfigError, StoreError } from '../model/errors.ts';
import { checkSelector } from '../parse/check-selector.ts';
import { plural } from '../report/numbers.ts';
import type { StoreReader } from '../store/reader.ts';
import type { Invocation } from './command.ts';
import { shownPath } from './database-file.ts';
import { lastRunOf, type LastRun } from './last-run.ts';

export interface RunSettings extends LoadedSettings {
  /** Things worth saying before the run starts. */
  readonly notes: readonly string[];
}

/** Where a command already knows the file (`crawl retry DB`), it continues that. */
type Source = Pick<Invocation, 'flags' | 'words' | 'env' | 'cwd'>;

/** @throws {ConfigError} with every problem. @throws {StoreError} where the output is not a usable database. */
export async function runSettings(source: Source): Promise<RunSettings> {
  const request = { argv: source.flags, seeds: source.words, env: source.env, cwd: source.cwd };
  const first = resolveConfig(request);
  const output = first.values.get('storage.output');
  const continued = typeof output === 'string' && !hasSources(first) ? await lastRunIn(output, first) : null;
  const resolved = continued === null ? first : resolveConfig({ ...request, previousRun: continued.config });
  assertValid(resolved, checkSelector);
  const loaded = toSettings(resolved);
  if (loaded.settings.storage.fresh) await refuseToRemove(loaded, resolved);
  return { ...loaded, notes: continued?.notes ?? [] };
}

function hasSources(config: ResolvedConfig): boolean {
  return config.seeds.length > 0 || config.values.has('input.urls') || config.values.has('input.url-pattern');
}

async function lastRunIn(output: string, config: ResolvedConfig): Promise<LastRun | null> {
  const shown = shownPath(output, config.cwd);
  // What is wrong with the command line itself is said first.
  if (config.problems.length > 0) return null;
  if (config.values.get('storage.fresh') === true) {
    throw new ConfigError(
      [`--fresh starts ${shown} over, but there is no list to fill it from; add --urls FILE`],
      'ERR_USAGE',
    );
  }
  if (!existsSync(output)) {
    throw new ConfigError(
      [`${shown} does not exist yet, and there is no list to fill it from; add --urls FILE`],
      'ERR_USAGE',
    );
  }
  return await lastRunOf(output);
}

/** `--fresh` without `--force` removes only a file that holds no run. */
async function refuseToRemove({ settings }: LoadedSettings, { cwd }: ResolvedConfig): Promise<void> {
  const { output, force } = settings.storage;
  if (force || !existsSync(output)) return;
  const known = await urlsKnownIn(output);
  if (known === null) return;
  const text = `${shownPath(output, cwd)} holds a run with ${plural(known, 'URL')}, which --fresh would remove; add --force, or choose another file with -o`;
  throw new ConfigError([text], 'ERR_USAGE');
}

/** `null` where the file holds no run: a kill may have come before its first commit. */
async function urlsKnownIn(file: string): Promise<number | null> {
  const { openReader } = await import('../store/reader.ts');
  let reader: StoreReader;
  try {
    reader = openReader(file);
  } catch (error) {
    if (error instanceof StoreError && error.code === 'ERR_NOT_FOUND') return null;
    throw error;
  }
  try {
    const { urls, lastRun } = reader.summary();
    return lastRun === null ? null : urls.known;
  } finally {
    reader.close();
  }
}
