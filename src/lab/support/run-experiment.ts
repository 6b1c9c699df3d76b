/** Laboratory: runs one experiment once. In: its definition and what was asked for. Out: its result and whether all went well. */
import type { Experiment, LabResult, Variant } from './experiment.ts';
import { Scheduler } from './scheduler.ts';
import { Watchdog } from './watchdog.ts';

/** Above what any parameters in reason take. */
const LIMIT_MS = 60_000;
/** How long threads and processes may stand still, beyond the times that they are told to wait: a hang ends within 5 s. */
const QUIET_MS = 4000;

export interface RunOptions {
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly variant: Variant;
  readonly seed: number;
  readonly isReal: boolean;
  /** How long real threads and processes may stand still. */
  readonly quietMs?: number;
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
  const quietMs = experiment.isSeeded ? LIMIT_MS : (options.quietMs ?? QUIET_MS) + longestWait(experiment, parameters);
  const result = await withWatchdog(quietMs, () =>
    experiment.run({
      parameters,
      variant,
      seed,
      isReal,
      newScheduler: (more = {}) => new Scheduler({ ...more, seed, isReal }),
    }),
  );
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
async function withWatchdog(quietMs: number, run: () => Promise<LabResult>): Promise<LabResult> {
  // It watches before anything is started.
  using watchdog = new Watchdog({ quietMs, limitMs: LIMIT_MS });
  const running = run();
  // Once it is given up, how it ends does not matter.
  running.catch(() => undefined);
  return await Promise.race([running, watchdog.hung]);
}

/** The longest time among the parameters: so long everybody may wait, as told. */
function longestWait({ parameters }: Experiment, values: Readonly<Record<string, unknown>>): number {
  const durations = Object.entries(parameters).filter(([, { option }]) => option.kind === 'duration');
  return Math.max(0, ...durations.map(([name]) => Number(values[name] ?? 0)));
}

/** 0: the program did its work, and what was expected was seen. 1 otherwise: a defect on show is one. */
export function exitCodeOf({ ok, result }: LabRun): 0 | 1 {
  return ok && result.defect === null ? 0 : 1;
}
