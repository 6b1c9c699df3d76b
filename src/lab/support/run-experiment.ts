/** Laboratory: runs one experiment once. In: its definition and what was asked for. Out: its result and whether all went well. */
import { CrawlError } from '../../model/errors.ts';
import type { Experiment, LabResult, Variant } from './experiment.ts';
import { Scheduler } from './scheduler.ts';

/** Above what any parameters in reason take. */
const LIMIT_MS = 60_000;

export interface RunOptions {
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly variant: Variant;
  readonly seed: number;
  readonly isReal: boolean;
}

/** One run; the shape of `crawl lab NAME --json`. */
export interface LabRun {
  readonly name: string;
  readonly variant: Variant;
  readonly seed: number | null;
  readonly clock: 'virtual' | 'real';
  readonly parameters: Readonly<Record<string, unknown>>;
  /** Everything was seen that this experiment is to show. */
  readonly ok: boolean;
  /** How long it took on a real clock. */
  readonly elapsedMs: number;
  readonly result: LabResult;
}

export async function runExperiment(experiment: Experiment, options: RunOptions): Promise<LabRun> {
  const { parameters, variant, seed } = options;
  const isReal = options.isReal || !experiment.isSeeded;
  const startedAt = performance.now();
  const running = experiment.run({
    parameters,
    variant,
    seed,
    isReal,
    newScheduler: (more = {}) => new Scheduler({ ...more, seed, isReal }),
  });
  const result = await withLimit(running, experiment.name);
  return {
    name: experiment.name,
    variant,
    seed: experiment.isSeeded ? seed : null,
    clock: isReal ? 'real' : 'virtual',
    parameters,
    ok:
      result.checks.length > 0 &&
      result.checks.every(({ ok }) => ok) &&
      (result.defect === null || variant === 'broken'),
    elapsedMs: Math.round(performance.now() - startedAt),
    result,
  };
}

/** The scheduler ends its hangs by itself; threads and processes must not hang either, whatever becomes of them. */
async function withLimit<T>(running: Promise<T>, name: string): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const error = new CrawlError('ERR_INTERNAL', `the experiment ${name} has not ended after ${LIMIT_MS / 1000} s`);
  const timer = setTimeout(() => reject(error), LIMIT_MS);
  try {
    return await Promise.race([running, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** 0: the program did its work, and what was expected was seen. 1 otherwise: a defect on show is one. */
export function exitCodeOf({ ok, result }: LabRun): 0 | 1 {
  return ok && result.defect === null ? 0 : 1;
}
