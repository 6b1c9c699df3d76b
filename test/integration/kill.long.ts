/** A kill at any moment loses nothing: 200 random moments, in a run that would take five minutes uninterrupted. */
import { test } from 'vitest';
import { cliFolder } from '../support/cli.ts';
import { killedRun } from '../support/kill-run.ts';

test('after 200 kills at random moments the same command ends in the same set as a run that was never killed', async () => {
  await using folder = await cliFolder();
  await killedRun(folder, { kills: 200, seed: 2026, pages: 12_000 });
});
