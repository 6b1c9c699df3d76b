import { once } from 'node:events';

import { afterAll, beforeAll, expect, test } from 'vitest';

import { cliFolder } from '../support/cli.ts';
import { type LatencyServer, startLatencyServer } from '../support/latency-server.ts';

let server: LatencyServer;

beforeAll(async () => {
  server = await startLatencyServer({ pages: 300, latencyMs: 100 });
});

afterAll(async () => {
  await server.close();
});

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)('%s drains, saves, exits %i, and the same command finishes the rest', async (signal, expected) => {
  await using folder = await cliFolder();
  await folder.write('list.txt', `${server.urls().join('\n')}\n`);
  const target = server.log.length + 10;
  const run = folder.start({}, '-i', 'list.txt', '-c', '4');
  await server.arrived(target);
  run.child.kill(signal);
  const { code, stderr } = await run.result;
  expect(code).toBe(expected);
  expect(stderr).toContain(`${signal}: finishing what is in flight`);
  expect(stderr).toContain(`Stopped (${signal}): data/list.db; `);
  expect((await folder.crawl('verify', 'data/list.db')).code).toBe(0);
  const rest = await folder.crawl('-i', 'list.txt', '-q', '--per-host', '64', '-c', '64');
  expect(rest).toMatchObject({ code: 0, stderr: '' });
  const { stdout } = await folder.crawl('query', 'SELECT count(*), count(DISTINCT url) FROM sizes', 'data/list.db');
  expect(stdout).toBe('300\t300\n');
});

test('a second Ctrl-C does not wait for what is in flight', async () => {
  await using folder = await cliFolder();
  const slow = await startLatencyServer({ pages: 3, latencyMs: 20_000 });
  try {
    const run = folder.start({}, ...slow.urls(), '-o', 'x.db');
    await slow.arrived(3);
    run.child.kill('SIGINT');
    await run.saying('finishing what is in flight');
    run.child.kill('SIGINT');
    const { code, stderr } = await run.result;
    expect(code).toBe(130);
    expect(stderr).toContain('SIGINT: stopping now');
    expect((await folder.crawl('query', "SELECT count(*) FROM urls WHERE state = 'queued'", 'x.db')).stdout).toBe(
      '3\n',
    );
  } finally {
    await slow.close();
  }
});

test('a reader of --json that goes away ends the run quietly, with a sound file', async () => {
  await using folder = await cliFolder();
  const run = folder.start({}, '--json', '--progress', 'none', ...server.urls().slice(0, 200), '-o', 'x.db', '-c', '4');
  await run.saying('fetch-started');
  run.child.stdout?.destroy();
  await once(run.child, 'close');
  const { code, stderr } = await run.result;
  expect({ code, stderr }).toEqual({ code: 4, stderr: '' });
  expect((await folder.crawl('verify', 'x.db')).code).toBe(0);
});

test('a reader of query results that goes away ends the query quietly', async () => {
  await using folder = await cliFolder();
  await folder.crawl(server.url(1), '-o', 'x.db', '-q');
  const endless = 'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 50000000) SELECT i FROM n';
  const query = folder.start({}, 'query', endless, 'x.db');
  await query.saying('1000\n');
  query.child.stdout?.destroy();
  const { code, stderr } = await query.result;
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
});
