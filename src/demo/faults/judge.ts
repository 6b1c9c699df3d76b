/**
 * Holds the database of a crawl over the fault site against the manifest. In: a finished database, the scene. Out: a verdict a
 * fault, and how many healthy pages are stored as they were served. Reads only; opens and closes the database itself.
 */
import { createHash } from 'node:crypto';
import Database from 'better-sqlite3';
import type { RetryRule } from '../../model/error-codes.ts';
import { urlOf, type Fault, type FaultScene } from './fault.ts';
import type { HealthyPage } from './healthy.ts';
import { recordReader, type FaultRecord } from './record.ts';

export interface FaultVerdict {
  readonly fault: string;
  readonly row: number;
  readonly url: string;
  /** Error class, or why it was skipped; of done URLs their `parse_error` or `ok`; `none` where the URL did not end. */
  readonly class: string;
  readonly status: number | null;
  readonly attempts: number;
  /** What is not as the manifest says; empty = all as it should be. */
  readonly problems: readonly string[];
}

export interface Judgement {
  readonly verdicts: readonly FaultVerdict[];
  /** URLs of healthy pages that are not stored with the right digest. */
  readonly unhealthy: readonly string[];
}

export function judge(
  file: string,
  faults: readonly Fault[],
  scene: FaultScene,
  healthy: readonly HealthyPage[],
): Judgement {
  const database = new Database(file, { readonly: true, fileMustExist: true });
  try {
    const read = recordReader(database);
    const digest = database
      .prepare<[string], string>("SELECT sha256 FROM pages WHERE url = ? AND state = 'done'")
      .pluck();
    return {
      verdicts: faults.map((fault) => verdictOf(fault, scene, read(urlOf(fault, scene)))),
      unhealthy: healthy.filter((page) => digest.get(page.url) !== sha256(page.body())).map(({ url }) => url),
    };
  } finally {
    database.close();
  }
}

function verdictOf(fault: Fault, scene: FaultScene, record: FaultRecord | null): FaultVerdict {
  const { id, row, ends } = fault;
  const url = urlOf(fault, scene);
  if (record === null) {
    return { fault: id, row, url, class: 'none', status: null, attempts: 0, problems: ['not in the database'] };
  }
  const found = classOf(record);
  const problems = fault.recorded.map(({ wrong }) => wrong(record, scene)).filter((problem) => problem !== null);
  if (!ends.classes.some((allowed) => allowed === found)) {
    problems.unshift(`expected ${ends.classes.join(' or ')}: ${record.error ?? 'no error'}`);
  }
  if (record.status !== ends.status) problems.push(`expected status ${ends.status}, got ${record.status}`);
  const attempts = 1 + retriesOf(ends.retry, scene.retries);
  if (record.state === 'failed' && record.attempts !== attempts) {
    problems.push(`expected ${attempts} attempts, got ${record.attempts}`);
  }
  return { fault: id, row, url, class: found, status: record.status, attempts: record.attempts, problems };
}

function classOf(record: FaultRecord): string {
  if (record.state === 'done') return record.parseError ?? 'ok';
  return record.state === 'queued' ? 'none' : (record.reason ?? 'none');
}

function retriesOf(rule: RetryRule, retries: number): number {
  switch (rule) {
    case 'never':
      return 0;
    case 'once':
      return Math.min(1, retries);
    case 'retries':
      return retries;
    default:
      return rule satisfies never;
  }
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
