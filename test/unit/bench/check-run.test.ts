/** What the benchmark must notice: a peer that loses or damages pages has no figures. */
import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { checkExtracts, checkFiles } from '../../bench/check-run.ts';
import type { BenchSite } from '../../bench/site.ts';

const URLS = ['http://127.0.0.1/a', 'http://127.0.0.1/b', 'http://127.0.0.1/c'];
const body = (url: string): string => `<p>${url}`;
const site: BenchSite = {
  label: 'three pages',
  comparable: true,
  urls: URLS,
  expected: new Map(
    URLS.map((url) => [url, { bytes: body(url).length, sha256: createHash('sha256').update(body(url)).digest('hex') }]),
  ),
  close: () => Promise.resolve(),
};
const numbered = (_url: string, index: number): string => String(index);

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'weir-check-run-'));
});
afterEach(() => rm(folder, { recursive: true }));

test('files that are all there, byte for byte, are no loss', async () => {
  await Promise.all(URLS.map((url, index) => writeFile(join(folder, String(index)), body(url))));
  expect(await checkFiles(folder, numbered, site)).toEqual({ missing: 0, wrong: 0 });
});

test('counts a missing file, and one of the right size with other bytes', async () => {
  await writeFile(join(folder, '0'), body(URLS[0] as string));
  await writeFile(join(folder, '2'), body(URLS[2] as string).toUpperCase());
  expect(await checkFiles(folder, numbered, site)).toEqual({ missing: 1, wrong: 1, example: URLS[1] });
});

test('counts extracts that are missing, doubled, without text or with relative links', async () => {
  const line = (url: string, more: object = {}): string =>
    JSON.stringify({ url, title: null, textLength: 3, links: [`${url}/x`], ...more });
  const file = join(folder, 'pages.jsonl');
  const [a, b, c] = URLS as [string, string, string];
  await writeFile(file, [line(a), line(b), line(c)].join('\n'));
  expect(await checkExtracts(file, site)).toEqual({ missing: 0, wrong: 0 });
  await writeFile(file, [line(a), line(a), line(b, { links: ['/x'] })].join('\n'));
  expect(await checkExtracts(file, site)).toEqual({ missing: 1, wrong: 2, example: a });
  await writeFile(file, [line(a, { textLength: 0 }), line(b), line(c)].join('\n'));
  expect(await checkExtracts(file, site)).toMatchObject({ missing: 0, wrong: 1 });
});
