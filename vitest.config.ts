import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineConfig, type ViteUserConfig } from 'vitest/config';

// The threads that tests start by the hundred read compiled code, as under the program's launcher. Without it each would load the WebAssembly
// that strips types, and V8 loses track of its code where many threads come and go: "Check failed: jit_page.has_value()", SIGTRAP.
process.env['NODE_COMPILE_CACHE'] ??= join(tmpdir(), 'node-compile-cache');

const long = process.env['WEIR_TEST_LONG'] === '1';

const config: ViteUserConfig = defineConfig({
  test: {
    include: long ? ['test/**/*.long.ts'] : ['test/**/*.test.ts'],
    testTimeout: long ? 900_000 : 30_000,
    hookTimeout: 60_000,
    pool: 'forks',
    maxWorkers: 2,
    // Of the long tests that may run side by side: each drives a process of its own.
    maxConcurrency: 2,
    reporters: ['default'],
  },
});

export default config;
