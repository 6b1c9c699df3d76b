import { defineConfig, type ViteUserConfig } from 'vitest/config';

const long = process.env['WEIR_TEST_LONG'] === '1';

const config: ViteUserConfig = defineConfig({
  test: {
    include: long ? ['test/**/*.long.ts'] : ['test/**/*.test.ts'],
    testTimeout: long ? 900_000 : 30_000,
    hookTimeout: 60_000,
    pool: 'forks',
    // V8 loses track of pages of machine code where many threads start and end ("Check failed: jit_page.has_value()", Node 24): one
    // test file in some dozens would end with SIGTRAP.
    execArgv: ['--no-memory-protection-keys'],
    maxWorkers: 2,
    reporters: ['default'],
  },
});

export default config;
