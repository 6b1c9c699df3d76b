/**
 * Command line: the settings of a run. Beside what `config/` does with flags, environment and file, this looks into an
 * existing output: a file that is continued without a list gives its last run's settings.
 */
import { existsSync } from 'node:fs';

import { toSettings, type LoadedSettings } from '../config/load.ts';
import { assertValid, resolveConfig, type ResolvedConfig } from '../config/resolve.ts';
import { ConfigError } from '../model/errors.ts';
import { checkSelector } from '../parse/check-selector.ts';
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
  return { ...toSettings(resolved), notes: continued?.notes ?? [] };
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
