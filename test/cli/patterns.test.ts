/** Items of the concurrency checklist (docs/patterns.md) that the program itself shows, as a user would see them. */
import { expect, test } from 'vitest';
import { cliFolder } from '../support/cli.ts';
import { startLatencyServer } from '../support/latency-server.ts';

test('five at a time: lines interleave, a bad URL stops no other, the summary has the sizes', async () => {
  await using server = await startLatencyServer({ pages: 4, latencyMs: 100 });
  await using folder = await cliFolder();
  const good = server.urls();
  const bad = server.url(99);
  await folder.write('urls.txt', `${[good[0], bad, ...good.slice(1)].join('\n')}\n`);
  const { code, stderr } = await folder.crawl('--urls', 'urls.txt', '-c', '5');
  expect(code).toBe(0);
  const lines = stderr.trimEnd().split('\n');
  const first = (word: string): number => lines.findIndex((line) => line.startsWith(word));
  const started = lines.filter((line) => line.startsWith('Starting download '));
  expect(started.toSorted()).toEqual([...good, bad].map((url) => `Starting download ${url}`).toSorted());
  expect(lines.findLastIndex((line) => line.startsWith('Starting'))).toBeLessThan(first('Finished download '));
  expect(first(`Error downloading ${bad}: `)).toBeGreaterThan(0);
  const listed = lines.flatMap((line) => /^(http\S+): (\d+) bytes$/.exec(line)?.slice(1, 3).join('\t') ?? []);
  const { stdout } = await folder.ask('query', 'SELECT url, bytes FROM sizes', 'data/urls.db');
  expect(listed.toSorted()).toEqual(stdout.trimEnd().split('\n').toSorted());
  expect(listed).toHaveLength(4);
  expect(lines.at(-1)).toMatch(/^Total time: \d+\.\d\d seconds$/);
});

test('no queue of a run was ever longer than its capacity, and no more is in flight than -c allows', async () => {
  await using server = await startLatencyServer({ pages: 40, latencyMs: 50 });
  await using folder = await cliFolder();
  await folder.write('list.txt', `${server.urls().join('\n')}\n`);
  await folder.crawl('--urls', 'list.txt', '-c', '2', '--set', 'pipeline.queue-size=5');
  const { stdout } = await folder.ask('query', 'SELECT * FROM stage_stat', 'data/list.db', '--json');
  const rows = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { stage: string; capacity: number; high_water: number });
  expect(new Set(rows.map(({ stage }) => stage)).size).toBeGreaterThan(2);
  // Parsing has no queue of its own: the window bounds it.
  for (const row of rows.filter(({ capacity }) => capacity > 0))
    expect(row.high_water, row.stage).toBeLessThanOrEqual(row.capacity);
  // Fetches in flight reach what -c allows, and no more.
  expect(Math.max(...rows.filter(({ stage }) => stage === 'fetch').map(({ high_water }) => high_water))).toBe(2);
  expect(server.maxInFlight).toBe(2);
});
