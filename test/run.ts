/**
 * `npm test` and `npm run test:long`: one line per suite with its result and time, then a plain closing line. The suites run one after the
 * other so that each has the machine to itself; within a suite vitest runs files side by side. Exit 1 if any failed.
 *
 *   node test/run.ts [--long] [SUITE…]
 */
import { spawn } from 'node:child_process';
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { SUITES_FOLDER } from './support/suites.ts';

interface Suite {
  readonly name: string;
  readonly paths: readonly string[];
}

interface Result {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly note: string;
}

const QUICK: readonly Suite[] = [
  { name: 'unit', paths: ['test/unit'] },
  { name: 'property', paths: ['test/property'] },
  { name: 'integration', paths: ['test/integration'] },
  { name: 'cli', paths: ['test/cli'] },
];
/** Each long file is a suite of its own, so that a run that is cut off has told what it did; the kills, which take longest, last. */
const LONG: readonly Suite[] = globSync('test/**/*.long.ts')
  .map((path) => ({ name: basename(path, '.long.ts'), paths: [path] }))
  .toSorted((a, b) => Number(a.name === 'kill') - Number(b.name === 'kill') || a.name.localeCompare(b.name));

const args = process.argv.slice(2);
const long = args.includes('--long');
const wanted = args.filter((arg) => !arg.startsWith('--'));
const suites = (long ? LONG : QUICK).filter(({ name }) => wanted.length === 0 || wanted.includes(name));
const folder = mkdtempSync(join(tmpdir(), 'weir-test-'));
const total = { passed: 0, failed: 0, skipped: 0 };

try {
  for (const suite of suites) {
    const startedAt = performance.now();
    const result = await runSuite(suite);
    total.passed += result.passed;
    total.failed += result.failed;
    total.skipped += result.skipped;
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
    console.log(
      `${suite.name.padEnd(12)} ${result.passed} passed, ${result.failed} failed, ${result.skipped} skipped  ${seconds} s${result.note}`,
    );
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
if (!existsSync(SUITES_FOLDER)) {
  console.log(`not run: outside test data (${SUITES_FOLDER}) is absent; the suites used their own cases instead`);
}
if (!long) console.log('not run here: the long suites (npm run test:long)');
console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exitCode = total.failed > 0 ? 1 : 0;

async function runSuite(suite: Suite): Promise<Result> {
  const report = join(folder, `${suite.name}.json`);
  const child = spawn(
    process.execPath,
    [
      'node_modules/vitest/vitest.mjs',
      'run',
      ...suite.paths,
      '--reporter=json',
      `--outputFile=${report}`,
      '--reporter=dot',
    ],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, NO_COLOR: '1', ...(long ? { WEIR_TEST_LONG: '1' } : {}) },
    },
  );
  // A run that is cut off takes its suite along.
  const stop = (): void => {
    child.kill('SIGTERM');
    process.exit(143);
  };
  process.once('SIGTERM', stop);
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const code = await new Promise<number>((resolve) => child.on('close', (status) => resolve(status ?? 1)));
  process.off('SIGTERM', stop);
  if (code !== 0) process.stdout.write(output);
  const counts = existsSync(report) ? counted(readFileSync(report, 'utf8')) : { passed: 0, failed: 0, skipped: 0 };
  // A crash of the runner itself, or an error outside any test, is a failure too.
  const failed = code !== 0 && counts.failed === 0 ? 1 : counts.failed;
  return { ...counts, failed, note: code !== 0 && counts.failed === 0 ? '  (the runner failed: see above)' : '' };
}

function counted(json: string): { passed: number; failed: number; skipped: number } {
  const report = JSON.parse(json) as { numPassedTests: number; numFailedTests: number; numPendingTests: number };
  return { passed: report.numPassedTests, failed: report.numFailedTests, skipped: report.numPendingTests };
}
