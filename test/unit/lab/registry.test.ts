/** What holds for every experiment, those to come included. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { EXPERIMENT_NAMES, loadExperiment } from '../../../src/lab/registry.ts';
import { TOPICS } from '../../../src/lab/support/experiment.ts';
import { everySchedule } from '../../support/lab.ts';

describe.each(EXPERIMENT_NAMES)('%s', (name) => {
  test('says what it is, which patterns it shows and what to watch for', async () => {
    const experiment = await loadExperiment(name);
    if (experiment === undefined) throw new Error('not there');
    expect(experiment.name).toBe(name);
    expect(TOPICS).toContain(experiment.topic);
    expect(experiment.rows.every((row) => /^[0-4C]\.?\d+$/.test(row)) && experiment.rows.length > 0).toBe(true);
    for (const line of [experiment.summary, ...experiment.watch]) {
      expect(line).toMatch(/^\S.{10,130}[.!?]$/);
    }
    for (const [flag, { option }] of Object.entries(experiment.parameters)) {
      expect(flag).toMatch(/^[a-z][a-z-]*$/);
      expect(option.help).not.toBe('');
    }
  });

  test('does no work when imported', () => {
    // Statements at the top level declare; what runs is in functions.
    const source = readFileSync(`src/lab/${name}.ts`, 'utf8');
    const statements = source.split('\n').filter((line) => /^[a-z]/.test(line));
    for (const line of statements) {
      expect(line).toMatch(
        /^(?:import|export const experiment|const [A-Z_]+\b|(?:export )?(?:async )?function|(?:export )?(?:interface|type|class)) ?/,
      );
    }
  });
});

const experiments = await Promise.all(EXPERIMENT_NAMES.map((name) => loadExperiment(name)));
const seeded = experiments.flatMap((experiment) => (experiment?.isSeeded === true ? [experiment] : []));

test.each(seeded.map((experiment) => [experiment.name, experiment] as const))(
  '%s shows what it is to show under many schedules, in every variant (1,000 of each in schedules.long.ts)',
  async (_, experiment) => {
    await everySchedule(experiment, 'fixed', 50);
    if (experiment.hasBroken) await everySchedule(experiment, 'broken', 10);
  },
);
