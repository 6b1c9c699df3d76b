import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineConfig, type ViteUserConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

// The threads that tests start by the hundred read compiled code, as under the program's launcher. Without it each would load the WebAssembly
// that strips types, and V8 loses track of its code where many threads come and go: "Check failed: jit_page.has_value()", SIGTRAP.
process.env['NODE_COMPILE_CACHE'] ??= join(tmpdir(), 'node-compile-cache');

const long = process.env['WEIR_TEST_LONG'] === '1';

/** Files with a process of their own: they start threads, mock the network (nock) or change what belongs to the process. */
const ALONE = [
  'test/**/*.nock.test.ts',
  'test/unit/lab/{computing,costs,counter,engine,one-thread,overlap,pool-map,pools,processes,race,seq-vs-conc,watchdog}.test.ts',
  'test/unit/{demo/server,concurrency/{pools,threads,warm-worker}}.test.ts',
  'test/unit/{parse/pool,store/commit,producer/open-producers}.test.ts',
  'test/property/{parse,resume}.property.test.ts',
  'test/integration/{library,fetch-connections}.test.ts',
];

/**
 * Files that wait long for processes and servers go first, those that compute last: they fill what the others leave of the
 * processors. Of the long suites the kills, which take longest, are the last.
 */
class WaitingFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const order = long ? ['/kill.long.ts'] : ['/integration/', '/cli/', '/property/', '/unit/'];
    const rank = ({ moduleId }: TestSpecification): number => order.findIndex((part) => moduleId.includes(part));
    return (await super.sort(files)).toSorted((a, b) => rank(a) - rank(b));
  }
}

const quick = {
  testTimeout: 120_000,
  hookTimeout: 120_000,
  pool: 'forks',
  setupFiles: ['test/support/same-seed.ts'],
} satisfies ViteUserConfig['test'];

const config: ViteUserConfig = defineConfig({
  test: long
    ? {
        include: ['test/**/*.long.ts'],
        testTimeout: 900_000,
        hookTimeout: 60_000,
        pool: 'forks',
        setupFiles: quick.setupFiles,
        maxWorkers: 2,
        // Of the long tests that may run side by side: each drives a process of its own.
        maxConcurrency: 2,
        sequence: { sequencer: WaitingFirst },
      }
    : {
        maxWorkers: 3,
        sequence: { sequencer: WaitingFirst },
        projects: [
          { test: { ...quick, name: 'alone', include: ALONE } },
          // One process runs many files: each would take longer to load what it tests than to test it.
          {
            test: { ...quick, name: 'shared', include: ['test/**/*.test.ts'], exclude: ALONE, isolate: false },
          },
        ],
      },
});

export default config;
