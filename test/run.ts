/**
 * `npm test` and `npm run test:long`: one line per suite with its result and the time its files took together, then a plain closing
 * line. The quick suites run side by side, for many of their files wait while others compute; a long suite is one file and has the
 * machine to itself. Exit 1 if any test failed, or if there was none.
 *
 *   node test/run.ts [--long] [SUITE…]
 */
import { existsSync, globSync } from 'node:fs';
import { basename, relative } from 'node:path';
import type { Reporter, TestModule } from 'vitest/node';
import { SUITES_FOLDER } from './support/suites.ts';

interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

interface Suite extends Counts {
  readonly name: string;
  /** Files that have not ended yet. */
  filesLeft: number;
  ms: number;
}

const args = process.argv.slice(2);
const long = args.includes('--long');
const wanted = new Set(args.filter((arg) => !arg.startsWith('--')));
const paths = globSync(long ? 'test/**/*.long.ts' : 'test/**/*.test.ts').filter(
  (path) => wanted.size === 0 || wanted.has(suiteOf(path)),
);
const suites = new Map<string, Suite>();
for (const path of paths) suiteNamed(suiteOf(path)).filesLeft++;
const total: Counts = { passed: 0, failed: 0, skipped: 0 };
const startedAt = performance.now();

process.env['NO_COLOR'] = '1';
if (long) process.env['WEIR_TEST_LONG'] = '1';
// A run that is cut off takes its tests along: the processes that run them end with the one that started them.
process.once('SIGTERM', () => process.exit(143));

const lines: Reporter = {
  onTestModuleEnd: (file) => {
    const suite = suiteNamed(suiteOf(relative(process.cwd(), file.moduleId)));
    add(suite, countsOf(file));
    suite.ms += file.diagnostic().duration;
    if (--suite.filesLeft === 0) tell(suite);
  },
  // An error outside any test is a failure too.
  onTestRunEnd: (_files, errors) => void (total.failed += errors.length),
};
const { startVitest } = await import('vitest/node');
const vitest = await startVitest('test', paths, { watch: false, reporters: ['minimal', lines] });
await vitest.close();

for (const suite of suites.values()) {
  add(total, suite);
  if (suite.filesLeft > 0) console.log(`${suite.name}: ${suite.filesLeft} files did not end (see above)`);
  total.failed += suite.filesLeft;
}
if (!existsSync(SUITES_FOLDER)) {
  console.log(`not run: outside test data (${SUITES_FOLDER}) is absent; the suites used their own cases instead`);
}
if (!long) console.log('not run here: the long suites (npm run test:long)');
console.log(`all of them: ${seconds(performance.now() - startedAt)}`);
console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exitCode = total.failed > 0 || total.passed === 0 ? 1 : 0;

/** A long file is a suite of its own, so that a run that is cut off has told what it did; a quick one belongs to its folder's. */
function suiteOf(path: string): string {
  return long ? basename(path, '.long.ts') : (path.split('/')[1] ?? path);
}

function suiteNamed(name: string): Suite {
  const suite = suites.get(name) ?? { name, filesLeft: 0, ms: 0, passed: 0, failed: 0, skipped: 0 };
  suites.set(name, suite);
  return suite;
}

function countsOf(file: TestModule): Counts {
  const states = [...file.children.allTests()].map((test) => test.result().state);
  const counted = (state: string): number => states.filter((each) => each === state).length;
  const counts = { passed: counted('passed'), failed: counted('failed'), skipped: counted('skipped') };
  // What failed may be outside its tests: an import, a hook.
  return { ...counts, failed: counts.failed === 0 && !file.ok() ? 1 : counts.failed };
}

function add(to: Counts, { passed, failed, skipped }: Counts): void {
  to.passed += passed;
  to.failed += failed;
  to.skipped += skipped;
}

function tell({ name, passed, failed, skipped, ms }: Suite): void {
  console.log(`${name.padEnd(12)} ${passed} passed, ${failed} failed, ${skipped} skipped  ${seconds(ms)}`);
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
