/**
 * Command line: `crawl lab --report [FILE.html]`. In: where the page is to go. Out: whether it may go there, and the file. A file
 * that is there is replaced only if it is a page of this kind; it is whole at every moment.
 */
import { randomUUID } from 'node:crypto';
import { mkdir, open, rename, rm, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { labPage, PAGE_MARK } from '../lab/page/page.ts';
import { time } from '../lab/support/checks.ts';
import type { Experiment } from '../lab/support/experiment.ts';
import type { LabRun } from '../lab/support/run-experiment.ts';
import { ConfigError, StoreError } from '../model/errors.ts';

/** Where runs go as well. */
export const DEFAULT_REPORT: string = path.join('data', 'lab.html');

/** To be called before the experiments run. @throws {ConfigError} ERR_USAGE for a file that something else has made. */
export async function checkReportFile(file: string): Promise<void> {
  if (!(await isOurs(file))) {
    throw new ConfigError(
      [`${file} is there, and is no page of crawl lab --report; name another file: crawl lab --report lab2.html`],
      'ERR_USAGE',
    );
  }
}

export interface ReportedRuns {
  readonly runs: readonly LabRun[];
  readonly missing: readonly string[];
  readonly elapsedMs: number;
}

export async function writeReport(
  file: string,
  experiments: readonly Experiment[],
  { runs, missing, elapsedMs }: ReportedRuns,
): Promise<void> {
  const day = new Date().toISOString().slice(0, 16).replace('T', ' ');
  const made = `${day} UTC, in ${time(elapsedMs)}, with Node.js ${process.versions.node} on ${availableParallelism()} cores.`;
  const part = `${file}.${randomUUID()}.part`;
  try {
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(part, labPage(experiments, runs, { made, missing }), { flag: 'wx' });
    // Something may have been put there while the experiments ran.
    await checkReportFile(file);
    await rename(part, file);
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    throw new StoreError(`${file} cannot be written: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  } finally {
    await rm(part, { force: true });
  }
}

/** Whether it is not there, or a page of this kind. */
async function isOurs(file: string): Promise<boolean> {
  let handle;
  try {
    handle = await open(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return true;
    throw error;
  }
  try {
    if (!(await handle.stat()).isFile()) return false;
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(PAGE_MARK.length), 0, PAGE_MARK.length, 0);
    return buffer.toString('utf8', 0, bytesRead) === PAGE_MARK;
  } finally {
    await handle.close();
  }
}
