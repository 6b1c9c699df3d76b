/**
 * Command line: `crawl retry [DB]`. Puts failed URLs back in the queue, all or those that a filter picks, and runs with the
 * settings of the last run under the flags given.
 */
import { didYouMean } from '../config/suggest.ts';
import { ERROR_CLASSES } from '../model/error-codes.ts';
import { ConfigError } from '../model/errors.ts';
import type { RetryFilter } from '../model/ports.ts';
import type { Invocation } from './command.ts';
import { crawlAndReport } from './crawl-session.ts';
import { databaseFile } from './database-file.ts';
import { runSettings } from './run-settings.ts';

/** @throws {ConfigError} for a wrong filter or setting. @throws {StoreError} where the file is not a usable database. */
export async function retryCommand(invocation: Invocation): Promise<number> {
  const filter = retryFilter(invocation.flags);
  const file = databaseFile(invocation, invocation.words[0]);
  const { openReader } = await import('../store/reader.ts');
  // Says what is wrong with the file before anything else does.
  openReader(file).close();
  const flags = { ...invocation.flags, output: [file] };
  const settings = await runSettings({ flags, words: [], env: withoutSources(invocation.env), cwd: invocation.cwd });
  return await crawlAndReport(invocation, settings, filter);
}

function retryFilter(flags: Invocation['flags']): RetryFilter {
  const errorClass = lastText(flags['error']);
  const status = lastText(flags['status']);
  const problems: string[] = [];
  if (errorClass !== undefined && !Object.hasOwn(ERROR_CLASSES, errorClass)) {
    const classes = Object.keys(ERROR_CLASSES);
    const remedy = didYouMean(errorClass, classes);
    problems.push(
      `error must be an error class, got "${errorClass}"${remedy === '' ? `; one of ${classes.join(', ')}` : remedy} (--error)`,
    );
  }
  if (status !== undefined && !/^[1-5](\d\d|xx)$|^[1-5]\d\d-[1-5]\d\d$/i.test(status)) {
    problems.push(`status must be written 404, 5xx or 500-599, got "${status}" (--status)`);
  }
  if (problems.length > 0) throw new ConfigError(problems, 'ERR_USAGE');
  return { errorClass, status: status?.toLowerCase(), host: lastText(flags['host'])?.toLowerCase() };
}

/** A list in the environment is for runs: a retry reads none. */
function withoutSources(env: Invocation['env']): Invocation['env'] {
  return { ...env, CRAWL_INPUT__URLS: undefined, CRAWL_INPUT__URL_PATTERN: undefined };
}

function lastText(value: readonly string[] | boolean | undefined): string | undefined {
  return typeof value === 'object' ? value.at(-1) : undefined;
}
