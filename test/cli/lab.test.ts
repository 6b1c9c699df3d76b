/** `crawl lab` as a process: what it prints, and its exit codes. */
import { readdir, readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import type { LabRun } from '../../src/lab/support/run-experiment.ts';
import { cliFolder } from '../support/cli.ts';

test('lists the experiments by topic, and --json for programs', async () => {
  await using folder = await cliFolder();
  const { code, stdout } = await folder.crawl('lab');
  expect(code).toBe(0);
  expect(stdout).toMatch(/^Races and locks\n(?: {2}.*\n)* {2}\* deadlock +two locks in opposite order$/m);
  expect(stdout.split('\n').filter((line) => line.length > 80)).toEqual([]);
  const listed = JSON.parse((await folder.ask('lab', '--json')).stdout) as { name: string }[];
  expect(listed.map(({ name }) => name)).toContain('dialogue');
});

test('ends a hang by itself, explains it, and exits 1; without the defect 0', async () => {
  await using folder = await cliFolder();
  const broken = await folder.crawlWith({ timeoutMs: 20_000 }, 'lab', 'deadlock', '--broken');
  expect(broken.code).toBe(1);
  expect(broken.stdout).toContain('cycle: A → B → A');
  expect(broken.stdout).toMatch(/Verdict: .+\n$/);
  const fixed = await folder.crawl('lab', 'deadlock', '--fixed', '--ascii');
  expect(fixed.code).toBe(0);
  expect(fixed.stdout).toContain('###both###');
});

test('takes an experiment’s own parameters, shows them in its help, and refuses others', async () => {
  await using folder = await cliFolder();
  const { stdout } = await folder.ask('lab', 'dialogue', '--lines', '5', '--json');
  const run = JSON.parse(stdout) as { ok: boolean; parameters: unknown; result: { values: Record<string, unknown> } };
  expect([run.ok, run.parameters, run.result.values['lines']]).toEqual([true, { lines: 5 }, 10]);
  expect((await folder.ask('lab', 'dialogue', '--help')).stdout).toContain('--lines N');
  expect(await folder.ask('lab', 'dialogue', '--lines', '0')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('--lines must be an integer ≥ 1'),
  });
  expect(await folder.ask('lab', 'counter', '--seed', '3')).toMatchObject({ code: 2 });
  expect(await folder.ask('lab', 'dialoge')).toMatchObject({ code: 2, stderr: expect.stringContaining('dialogue') });
});

test('judges work by itself, also where it is the first thing that the process does', async () => {
  await using folder = await cliFolder();
  for (const [work, pool] of [
    ['io', /^async$/],
    ['cpu', /^(?:threads|inline)$/],
  ] as const) {
    const { stdout } = await folder.crawl('lab', 'which-pool', '--work', work, '--tasks', '2', '--json');
    const run = JSON.parse(stdout) as { result: { values: Record<string, unknown> } };
    expect(run.result.values[`${work}: recommended`]).toMatch(pool);
  }
});

test('a word that Python has for it leads to the experiments that show it', async () => {
  await using folder = await cliFolder();
  const { code, stderr } = await folder.ask('lab', 'RLock');
  expect([code, stderr]).toEqual([2, 'crawl: there is no experiment RLock; these show it: reentrant\n']);
  expect((await folder.ask('lab', 'Pool.starmap')).stderr).toContain('these show it: starmap, pool-map');
});

test('--report writes a page, replaces its own, and nothing else', async () => {
  await using folder = await cliFolder();
  const first = await folder.crawl('lab', 'deadlock', '--report');
  expect([first.code, first.stdout.trimEnd().split('\n').at(-1)]).toEqual([0, 'Report: data/lab.html']);
  const page = await readFile(`${folder.path}/data/lab.html`, 'utf8');
  expect(page).toContain('cycle: A → B → A');
  const second = await folder.crawl('lab', 'dialogue', '--report', 'data/lab.html', '--json');
  expect(second.stderr).toContain('Report: data/lab.html');
  expect((JSON.parse(second.stdout) as LabRun[]).map(({ variant }) => variant)).toEqual(['fixed', 'broken']);
  expect(await readFile(`${folder.path}/data/lab.html`, 'utf8')).toContain('strictly in turns');
  const foreign = await folder.write('mine.html', '<!doctype html><p>mine');
  expect(await folder.crawl('lab', 'deadlock', '--report', 'mine.html')).toMatchObject({ code: 2, stdout: '' });
  expect(await readFile(foreign, 'utf8')).toBe('<!doctype html><p>mine');
  expect(await readdir(folder.path)).toEqual(['data', 'mine.html']);
});

test('counts how often a program goes wrong in many orders', async () => {
  await using folder = await cliFolder();
  const broken = await folder.ask('lab', 'dialogue', '--broken', '--schedules', '100');
  expect([broken.code, broken.stdout]).toEqual([
    1,
    'dialogue: went wrong under 100 of 100 schedules (first with --seed 1)\n',
  ]);
  const fixed = await folder.ask('lab', 'dialogue', '--schedules', '100');
  expect([fixed.code, fixed.stdout]).toEqual([0, 'dialogue: went wrong under 0 of 100 schedules\n']);
});
