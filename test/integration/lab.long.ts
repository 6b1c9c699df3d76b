/** `crawl lab --all` as a process: every experiment as it is by default, and every broken variant. */
import { expect, test } from 'vitest';
import { cliFolder } from '../support/cli.ts';

test('runs all of them, broken ones too, well under a minute and a half', async () => {
  await using folder = await cliFolder();
  const { code, stdout } = await folder.crawlWith({ timeoutMs: 90_000 }, 'lab', '--all');
  expect(stdout.split('\n').filter((line) => line.startsWith('FAIL'))).toEqual([]);
  expect(stdout).toMatch(/^ok {3}deadlock --broken/m);
  expect(code).toBe(0);
}, 100_000);
