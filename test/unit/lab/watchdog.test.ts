/** Real threads and processes that hang are ended, and it is said who waits; those that only take long are left alone. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { expect, test } from 'vitest';
import type { Experiment, LabResult } from '../../../src/lab/support/experiment.ts';
import { duration } from '../../../src/lab/support/parameters.ts';
import { exitCodeOf, runExperiment, type LabRun } from '../../../src/lab/support/run-experiment.ts';

const DONE: LabResult = {
  unit: 'ms',
  lanes: [],
  values: {},
  checks: [{ what: 'it', expected: 'is', measured: 'is', ok: true }],
  defect: null,
  verdict: 'done',
};

/** An experiment with real threads, given 500 ms to stand still. */
async function runReal(
  run: () => Promise<unknown>,
  parameters: Experiment['parameters'] = {},
  ms = 0,
): Promise<LabRun> {
  const experiment: Experiment = {
    name: 'test',
    topic: 'Races and locks',
    rows: [],
    summary: '',
    watch: ['', ''],
    parameters,
    isSeeded: false,
    hasBroken: false,
    run: async () => {
      await run();
      return DONE;
    },
  };
  return await runExperiment(experiment, { parameters: { ms }, variant: 'fixed', seed: 1, isReal: true, quietMs: 500 });
}

const BLOCK = 'Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)';

test('two threads that are blocked for ever: both are named, and ended', async () => {
  const threads: Worker[] = [];
  const run = await runReal(async () => {
    threads.push(
      new Worker(BLOCK, { eval: true }),
      new Worker("require('worker_threads').parentPort.on('message', () => {})", { eval: true }),
    );
    await once(threads[0] as Worker, 'message');
  });
  expect(run.ok).toBe(false);
  expect(exitCodeOf(run)).toBe(1);
  expect(run.result.defect).toBe('nothing has moved for 0.5 s');
  expect(run.result.stuck?.blocked.map(({ waitsFor }) => waitsFor)).toEqual([
    expect.stringContaining('Atomics.wait'),
    'a message or a timer',
    'them',
  ]);
  expect(run.result.lanes.map(({ spans }) => spans.at(-1)?.isOpen)).toEqual([true, true]);
  await Promise.all(threads.map(async (thread) => thread.threadId !== -1 && (await once(thread, 'exit'))));
});

test.skipIf(process.platform !== 'linux')('a process that waits for ever is named by its pid, and killed', async () => {
  const ended = Promise.withResolvers<unknown>();
  let pid = 0;
  const run = await runReal(async () => {
    const child = fork('-e', ['process.stdin.resume(); process.on("message", () => {})'], {
      execArgv: [],
      execPath: process.execPath,
      stdio: ['pipe', 'ignore', 'ignore', 'ipc'],
    });
    pid = child.pid ?? 0;
    child.once('exit', (_, signal) => ended.resolve(signal));
    await once(child, 'message');
  });
  expect(run.result.verdict).toContain(`process ${pid}`);
  expect(await ended.promise).toBe('SIGKILL');
});

test('a thread that computes, and a wait as long as told, are no hangs', async () => {
  const busy = await runReal(async () => {
    const thread = new Worker('const end = Date.now() + 1200; while (Date.now() < end);', { eval: true });
    await once(thread, 'exit');
  });
  expect(busy.result.verdict).toBe('done');
  const parameters = { ms: duration('time', '1s') };
  const told = await runReal(() => new Promise((resolve) => setTimeout(resolve, 1000)), parameters, 1000);
  expect(told.result.verdict).toBe('done');
});
