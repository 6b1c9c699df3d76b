/** Tests of the laboratory: runs of an experiment with given parameters, once or under many schedules. */
import { expect } from 'vitest';
import type { Experiment, Variant } from '../../src/lab/support/experiment.ts';
import { readParameters } from '../../src/lab/support/parameters.ts';
import { runExperiment, type LabRun } from '../../src/lab/support/run-experiment.ts';

/** Flags as on the command line, as `{ urls: '10' }`; `true` for one without a value. */
export type Flags = Readonly<Record<string, string | true>>;

/** One run, on the virtual clock. */
export async function runLab(
  experiment: Experiment,
  { variant = 'fixed', seed = 1, flags = {} }: { variant?: Variant; seed?: number; flags?: Flags } = {},
): Promise<LabRun> {
  const texts = Object.entries(flags).map(([name, value]) => [name, value === true ? true : [value]] as const);
  const parameters = readParameters(experiment.parameters, Object.fromEntries(texts));
  return await runExperiment(experiment, { parameters, variant, seed, isReal: false });
}

/** Fails with everything that was not as expected. */
export function expectAsExpected(run: LabRun): void {
  const wrong = run.result.checks.filter(({ ok }) => !ok);
  expect({ name: run.name, seed: run.seed, wrong, defect: run.variant === 'fixed' ? run.result.defect : null }).toEqual(
    {
      name: run.name,
      seed: run.seed,
      wrong: [],
      defect: null,
    },
  );
  expect(run.ok).toBe(true);
}

/**
 * Runs it with seeds 1 to `count`. Fixed: every run does its work. Broken: every run shows the defect. The checks hold each time.
 */
export async function everySchedule(
  experiment: Experiment,
  variant: Variant,
  count: number,
  flags: Flags = {},
): Promise<void> {
  for (let seed = 1; seed <= count; seed++) {
    const run = await runLab(experiment, { variant, seed, flags });
    expectAsExpected(run);
    if (variant === 'broken') expect(run.result.defect, `seed ${seed}`).not.toBeNull();
  }
}
