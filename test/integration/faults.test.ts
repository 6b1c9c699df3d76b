/**
 * Every fault of the manifest, once, beside 300 healthy pages: `crawl demo --faults` as a process, its databases on disk, and
 * afterwards a search for secrets in everything that is left.
 */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ROBOTS_FAULTS } from '../../src/demo/faults/faults-robots.ts';
import type { FaultVerdict } from '../../src/demo/faults/judge.ts';
import { FAULTS } from '../../src/demo/faults/manifest.ts';
import { redirectPassword, signature } from '../../src/demo/faults/routes-redirect.ts';
import { cliFolder, type CliFolder, type CliResult } from '../support/cli.ts';

let folder: CliFolder;
let run: CliResult;
let verdicts: ReadonlyMap<string, FaultVerdict>;
let healthy: { healthy: number; unhealthy: string[] };

beforeAll(async () => {
  folder = await cliFolder();
  run = await folder.crawl('demo', '--faults', '--json');
  const lines = run.stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown);
  healthy = lines.pop() as typeof healthy;
  verdicts = new Map((lines as FaultVerdict[]).map((verdict) => [verdict.fault, verdict]));
});

afterAll(() => folder[Symbol.asyncDispose]());

describe('crawl demo --faults', () => {
  test.each([...FAULTS, ...ROBOTS_FAULTS].map((fault) => [fault.row, fault.id, fault] as const))(
    'row %i: %s',
    (_row, id, fault) => {
      const verdict = verdicts.get(id);
      expect(verdict?.problems).toEqual([]);
      // Others may be right elsewhere; the documentation names the first one.
      expect(verdict?.class).toBe(fault.ends.classes[0]);
    },
  );

  test('stores every healthy page as it was served, and ends with 0', () => {
    expect(healthy).toEqual({ healthy: 300, unhealthy: [] });
    expect(run.code).toBe(0);
  });

  test.each([
    ['what was sent as Authorization, Cookie and Proxy-Authorization', signature],
    ['the password of a Location', redirectPassword],
  ])('leaves nowhere %s', (_what, secret) => {
    expect(run.stdout + run.stderr).not.toContain(secret);
    for (const name of ['faults.db', 'faults-robots.db']) {
      expect(readFileSync(`${folder.path}/data/${name}`).includes(secret)).toBe(false);
    }
  });
});
