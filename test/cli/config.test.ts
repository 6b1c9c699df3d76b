import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { expect, test } from 'vitest';
import { parse } from 'yaml';

import { SETTINGS } from '../../src/config/options.ts';
import { checkConfig } from '../../src/config/schema.ts';
import { cliFolder } from '../support/cli.ts';

const EXAMPLES = fileURLToPath(new URL('../../config/', import.meta.url));

test.each(readdirSync(EXAMPLES))('the example config/%s is valid', async (name) => {
  await using folder = await cliFolder();
  const { code, stdout, stderr } = await folder.ask('config', 'check', `${EXAMPLES}${name}`);
  expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: '', stderr: `${EXAMPLES}${name} is valid\n` });
});

test('config/full.yaml sets every key there is, and comments each', () => {
  const text = readFileSync(`${EXAMPLES}full.yaml`, 'utf8');
  const { values, problems } = checkConfig(parse(text));
  expect(problems).toEqual([]);
  // A proxy that is not there would end every run: it is shown, but as a comment.
  const missing = [...SETTINGS.keys()].filter((key) => !values.has(key));
  expect(missing).toEqual(['fetch.proxy']);
  expect(text).toContain('# proxy: http://');
  for (const line of text.split('\n')) {
    if (/^ {2}[a-z0-9-]+:/.test(line) && !/^ {2}headings:/.test(line)) expect(line).toContain('#');
  }
});

test('check prints all problems with file and path, exit 2', async () => {
  await using folder = await cliFolder();
  await folder.write('bad.yaml', 'fetch:\n  concurrency: fast\n  tiemout: 3s\nextract:\n  price: "li["\n');
  const { code, stdout, stderr } = await folder.crawl('config', 'check', 'bad.yaml');
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain('crawl: 3 problems:\n');
  expect(stderr).toContain('concurrency must be an integer ≥ 1 or "auto", got "fast" (bad.yaml: fetch.concurrency)');
  expect(stderr).toContain('tiemout is not a known key; did you mean timeout? (bad.yaml: fetch.tiemout)');
  expect(stderr).toMatch(/price: "li\[" is not a CSS selector: .+ \(bad\.yaml: extract, extracted\.fields\.price\)/);
});

test('show --origin says where each value comes from, with secrets hidden', async () => {
  await using folder = await cliFolder();
  await folder.write('crawl.yaml', 'fetch:\n  retries: 1\n');
  const env = { CRAWL_FETCH__TIMEOUT: '7s' };
  const args = [
    'show',
    '--origin',
    '--config',
    'crawl.yaml',
    '-c',
    '9',
    '-H',
    'Authorization: Bearer s3cret',
    '-i',
    'l.txt',
  ];
  const { code, stdout } = await folder.crawlWith({ env }, 'config', ...args);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^ {2}concurrency: 9 +# flag$/m);
  expect(stdout).toMatch(/^ {2}timeout: 7s +# environment$/m);
  expect(stdout).toMatch(/^ {2}retries: 1 +# crawl\.yaml$/m);
  expect(stdout).toMatch(/^ {2}deadline: 2m +# default$/m);
  expect(stdout).toMatch(/^ {2}output: ".*\/data\/l\.db" +# default: named after the input$/m);
  expect(stdout).not.toContain('s3cret');
});

test('what show prints is a config file with the same settings', async () => {
  await using folder = await cliFolder();
  const args = [
    '-c',
    '9',
    '--rate',
    '30/m',
    '--extract',
    'tags[]=li@title',
    '--url-pattern',
    'http://h/{1..3}',
    '-A',
    'true',
  ];
  const first = await folder.ask('config', 'show', ...args);
  await folder.write('saved.yaml', first.stdout);
  const again = await folder.ask('config', 'show', '--config', 'saved.yaml');
  expect(again).toEqual(first);
  const json = await folder.ask('config', 'show', '--json', '--config', 'saved.yaml');
  expect(JSON.parse(json.stdout)).toMatchObject({
    fetch: { concurrency: 9, 'user-agent': 'true' },
    politeness: { rate: '0.5/s' },
  });
});

test('schema prints the JSON Schema of configs, or of events', async () => {
  await using folder = await cliFolder();
  const config = JSON.parse((await folder.ask('config', 'schema')).stdout) as { title: string; properties: object };
  expect(config.title).toBe('Weir crawl configuration');
  expect(Object.keys(config.properties)).toContain('politeness');
  const events = JSON.parse((await folder.ask('config', 'schema', '--events')).stdout) as { oneOf: unknown[] };
  const titles = (events.oneOf as { properties: { type: { const: string } } }[]).map(
    (one) => one.properties.type.const,
  );
  expect(titles).toEqual(
    expect.arrayContaining(['run-started', 'url', 'progress', 'concurrency', 'warning', 'run-ended']),
  );
});

test('an unknown CRAWL_ variable is a problem, and an empty one is not set', async () => {
  await using folder = await cliFolder();
  const wrong = await folder.askWith({ env: { CRAWL_FETCH__CONCURENCY: '3' } }, 'config', 'show');
  expect(wrong.code).toBe(2);
  expect(wrong.stderr).toContain('CRAWL_FETCH__CONCURENCY is not a setting; did you mean CRAWL_FETCH__CONCURRENCY?');
  const empty = await folder.askWith({ env: { CRAWL_FETCH__CONCURRENCY: '', CRAWL_DB: 'x.db' } }, 'config', 'show');
  expect(empty.code).toBe(0);
});
