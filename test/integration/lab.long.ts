/** `crawl lab --all` as a process: every experiment as it is by default, and every broken variant. */
import { expect, test } from 'vitest';
import type { LabRun } from '../../src/lab/support/run-experiment.ts';
import { cliFolder } from '../support/cli.ts';
import { readDocument } from '../support/documents.ts';
import { patternsDocument, withoutFigures } from '../support/patterns.ts';

test('runs all of them, broken ones too, well under a minute and a half, and as docs/patterns.md says', async () => {
  await using folder = await cliFolder();
  const { code, stdout, stderr } = await folder.crawlWith({ timeoutMs: 90_000 }, 'lab', '--all', '--json');
  const lines = stderr.trimEnd().split('\n');
  expect(lines.filter((line) => line.startsWith('FAIL'))).toEqual([]);
  expect(stderr).toMatch(/^ok {3}deadlock --broken/m);
  const runs = JSON.parse(stdout) as LabRun[];
  expect(lines).toHaveLength(runs.length + 1);
  expect(lines.at(-1)).toMatch(new RegExp(`^${runs.length} of ${runs.length} as expected, in [\\d.]+ s$`));
  expect(code).toBe(0);
  expect(withoutFigures(await patternsDocument(runs)), 'npm run docs:patterns writes it anew').toBe(
    withoutFigures(readDocument('docs/patterns.md')),
  );
}, 100_000);
