/**
 * A kill at any moment loses nothing: `kill -9` of the real program at 20 random moments of a run that would take a minute.
 * The moments are seeded; the long suite takes 200 of them.
 */
import { test } from 'vitest';
import { cliFolder } from '../support/cli.ts';
import { killedRun } from '../support/kill-run.ts';

/** A minute of waiting for it, and much more where the machine is busy with other things. */
const TIMEOUT_MS = 300_000;

test(
  'after 20 kills at random moments the same command ends in the same set as a run that was never killed',
  { timeout: TIMEOUT_MS },
  async () => {
    await using folder = await cliFolder();
    await killedRun(folder, { kills: 20, seed: 94, pages: 1_300, concurrency: 8 });
  },
);
