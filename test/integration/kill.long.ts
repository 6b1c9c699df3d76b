/** A kill at any moment loses nothing: 200 random moments, in two runs side by side that would take two minutes each uninterrupted. */
import { describe, test } from 'vitest';
import { cliFolder } from '../support/cli.ts';
import { killedRun } from '../support/kill-run.ts';

describe.concurrent('killed over and over', () => {
  test.each([2026, 2027])(
    'after 100 kills at random moments the same command ends in the same set as a run that was never killed (seed %i)',
    async (seed) => {
      await using folder = await cliFolder();
      await killedRun(folder, { kills: 100, seed, pages: 6_000, concurrency: 16 });
    },
  );
});
