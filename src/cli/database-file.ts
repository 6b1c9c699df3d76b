/**
 * Command line: which database a reading command means. In: its argument, `--db`, `CRAWL_DB`, the working folder. Out: an
 * absolute path. Only the last resort, the newest file in data/, is named on stderr: nobody typed it.
 */
import { readdirSync, statSync } from 'node:fs';
import path from 'node:path';

import { ConfigError, StoreError } from '../model/errors.ts';
import { escapeControl } from '../report/escape.ts';
import type { Invocation } from './command.ts';

/** @throws {ConfigError} `ERR_USAGE` where two are named. @throws {StoreError} `ERR_NOT_FOUND` where there is none. */
export function databaseFile(invocation: Invocation, word: string | undefined): string {
  const { flags, env, cwd, terminal } = invocation;
  const flag = typeof flags['db'] === 'object' ? flags['db'].at(-1) : undefined;
  if (word !== undefined && flag !== undefined && path.resolve(cwd, word) !== path.resolve(cwd, flag)) {
    throw new ConfigError([`two databases are named, ${word} and --db ${flag}; name one`], 'ERR_USAGE');
  }
  const variable = env['CRAWL_DB'] === '' ? undefined : env['CRAWL_DB'];
  const named = word ?? flag ?? variable;
  if (named !== undefined) return path.resolve(cwd, named);
  const newest = newestIn(path.join(cwd, 'data'));
  if (newest === null) {
    throw new StoreError('there is no database in data/; name one (--db FILE), or make one (crawl --urls list.txt)', {
      code: 'ERR_NOT_FOUND',
    });
  }
  terminal.say(`Database: ${shownPath(newest, cwd)} (the newest in data/)`);
  return newest;
}

/** A path as it would be typed here: relative where it lies below `cwd`. For messages: harmless, whatever the file is called. */
export function shownPath(file: string, cwd: string): string {
  const relative = path.relative(cwd, file);
  return escapeControl(relative.startsWith('..') || path.isAbsolute(relative) ? file : relative);
}

function newestIn(folder: string): string | null {
  let newest: { file: string; changedAt: number } | null = null;
  for (const name of namesIn(folder)) {
    if (!name.endsWith('.db')) continue;
    const file = path.join(folder, name);
    // While a crawl runs, its changes are in the file beside it.
    const changedAt = Math.max(changeTime(file), changeTime(`${file}-wal`));
    if (newest === null || changedAt > newest.changedAt) newest = { file, changedAt };
  }
  return newest?.file ?? null;
}

function namesIn(folder: string): string[] {
  return statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true ? readdirSync(folder) : [];
}

function changeTime(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
