/**
 * What `npm pack` makes, tried as a user would: files, commands, parser threads from dist/, library, types. Needs no registry;
 * `test/integration/package.long.ts` installs it for real.
 */
import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import type { Server } from 'node:http';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { publint } from 'publint';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as project from '../support/package.ts';

let folder: string;
let tarball: string;
let home: string;
let site: { readonly url: string; readonly server: Server };

beforeAll(async () => {
  folder = await project.temporaryFolder();
  tarball = await project.pack(folder);
  home = join(folder, 'home');
  await mkdir(home);
  await project.installByLinks(tarball, home);
  site = await project.onePageSite();
});

afterAll(async () => {
  site.server.closeAllConnections();
  site.server.close();
  await rm(folder, { recursive: true, force: true });
});

/** A tool of the checkout by its file, run by the Node that runs the tests. */
function tool(file: string, ...args: readonly string[]): Promise<project.Ended> {
  return project.run(home, process.execPath, file, ...args);
}

const require = createRequire(import.meta.url);
const ATTW = join(dirname(require.resolve('@arethetypeswrong/cli/package.json')), 'dist/index.js');
const TSC = join(dirname(require.resolve('typescript/package.json')), 'bin/tsc');

describe('the packed files', () => {
  test('are the program, its documents, examples and sample lists, and nothing else', async () => {
    const listing = await project.must(folder, 'tar', '-tzf', tarball);
    const files = listing
      .trim()
      .split('\n')
      .map((name) => name.replace('package/', ''));
    const isExpected =
      /^(?:dist\/.+\.(?:js|d\.ts)|bin\/\w+\.js|config\/\w+\.yaml|docs\/\w+\.(?:md|svg)|data\/(?:urls\.txt|pages\.csv)|(?:README|ARCHITECTURE|CHANGELOG)\.md|LICENSE|package\.json)$/;
    expect(files.filter((name) => !isExpected.test(name))).toEqual([]);
    expect(files).toEqual(
      expect.arrayContaining([
        'dist/index.js',
        'dist/index.d.ts',
        'dist/parse/worker.js',
        'dist/store/worker.js',
        'docs/errors.md',
        'README.md',
        'LICENSE',
      ]),
    );
  });

  test('please publint and are-the-types-wrong', async () => {
    const { messages } = await publint({ pkgDir: join(home, 'node_modules/weir-crawl'), pack: false, strict: true });
    expect(messages).toEqual([]);
    // An ES module for every reader: CommonJS gets it by require(), which this tool does not know yet (tested below).
    const types = await tool(ATTW, tarball, '--profile', 'esm-only');
    expect(types, types.stdout + types.stderr).toMatchObject({ code: 0 });
  });
});

describe('the installed package', () => {
  test.each(['crawl', 'weir'])('%s tells its version', async (command) => {
    const { version } = await project.manifest();
    const said = await project.must(home, process.execPath, join(home, 'node_modules/.bin', command), '--version');
    expect(said.trim()).toBe(version);
  });

  test('crawls, with parser and store threads from dist/', async () => {
    expect(await project.crawlThreePages(home, 'crawl', site.url)).toEqual(project.THREE_PAGES);
  });

  test('runs the laboratory, with its tasks for processes from dist/', async () => {
    const run = await project.must(
      home,
      process.execPath,
      'node_modules/.bin/crawl',
      'lab',
      'pool-map',
      '--json',
      ...LAB,
    );
    expect(JSON.parse(run)).toMatchObject({ ok: true, parameters: { pool: 'processes' } });
  });

  test('is a library for ES modules and for CommonJS', async () => {
    await writeFile(join(home, 'use.js'), project.libraryProgram(`${site.url}/x`));
    expect(await project.must(home, process.execPath, 'use.js')).toBe('done Page /x\n');
    await writeFile(join(home, 'parts.js'), CONCURRENCY_PROGRAM);
    await writeFile(join(home, 'tasks.js'), 'export const square = (n) => n * n;\n');
    expect(await project.must(home, process.execPath, 'parts.js')).toBe('25 25 25 25\n');
    await writeFile(join(home, 'use.cjs'), "console.log(typeof require('weir-crawl').crawl);\n");
    expect(await project.must(home, process.execPath, 'use.cjs')).toBe('function\n');
  });

  test('has types for its parts, too', async () => {
    await writeFile(join(home, 'parts.ts'), TYPED_PARTS);
    const compilerOptions = { target: 'es2024', module: 'nodenext', strict: true, skipLibCheck: false, noEmit: true };
    const typeRoots = [join(process.cwd(), 'node_modules/@types')];
    const settings = { compilerOptions: { ...compilerOptions, typeRoots, types: ['node'] }, files: ['parts.ts'] };
    await writeFile(join(home, 'tsconfig.json'), JSON.stringify(settings));
    expect(await tool(TSC, '-p', '.')).toEqual({ code: 0, stdout: '', stderr: '' });
  });

  test.each([
    ['nodenext', 'nodenext'],
    ['esnext', 'bundler'],
  ])('has types that hold without skipLibCheck and @types/node (module %s)', async (module, moduleResolution) => {
    await writeFile(join(home, 'use.ts'), TYPED_PROGRAM);
    const compilerOptions = {
      target: 'es2022',
      module,
      moduleResolution,
      strict: true,
      skipLibCheck: false,
      noEmit: true,
      types: [],
    };
    await writeFile(join(home, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['use.ts'] }));
    expect(await tool(TSC, '-p', '.')).toEqual({ code: 0, stdout: '', stderr: '' });
  });
});

describe('an older Node', () => {
  /** Makes the launcher believe in a version, whatever runs the tests. */
  async function launchedBy(version: string): Promise<project.Ended> {
    const pretend = `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '${version}' } });
      Object.defineProperty(process, 'version', { value: 'v${version}' });`;
    await writeFile(join(home, 'pretend.cjs'), pretend);
    return await project.run(
      home,
      process.execPath,
      '--require',
      './pretend.cjs',
      'node_modules/.bin/crawl',
      '--version',
    );
  }

  test.each(['10.24.1', '20.20.2', '22.19.0'])('%s is told in one line what is needed', async (version) => {
    const { code, stdout, stderr } = await launchedBy(version);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^crawl: Node\.js 22\.20 or newer is needed, this is v[\d.]+.*\n$/);
  });

  test.each(['22.20.0', '23.0.0', '24.0.0'])('%s is new enough', async (version) => {
    expect(await launchedBy(version)).toMatchObject({ code: 0, stderr: '' });
  });

  test('that this machine has gets the same line', async () => {
    const old = await olderNode();
    if (old === null) {
      // Nothing to run it by: said, not passed over in silence. The tests above stand for it.
      console.log(`no Node older than 22.20 among ${SYSTEM_NODES.join(', ')}: not tried with a real one`);
      return;
    }
    const { code, stderr } = await project.run(home, old, 'node_modules/.bin/crawl', '--version');
    expect(code).toBe(2);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(stderr).toContain('22.20 or newer is needed');
  });
});

/** The parts of the engine on their own, a task on a thread and in a process included. */
const CONCURRENCY_PROGRAM = `
import { openPool } from 'weir-crawl/concurrency';

const results = [];
for (const kind of ['inline', 'async', 'threads', 'processes']) {
  await using pool = await openPool({ kind, module: new URL('./tasks.js', import.meta.url), size: 1 });
  results.push(await pool.submit('square', 5).result());
}
console.log(results.join(' '));
`;

const LAB = ['--pool', 'processes', '--ms', '1ms', '--workers', '2'];

const SYSTEM_NODES = ['/usr/bin/node', '/usr/local/bin/node'];

async function olderNode(): Promise<string | null> {
  for (const path of SYSTEM_NODES.filter((candidate) => existsSync(candidate))) {
    const [major = 0, minor = 0] = (await project.must(home, path, '-p', 'process.versions.node'))
      .split('.')
      .map(Number);
    if (major < 22 || (major === 22 && minor < 20)) return path;
  }
  return null;
}

const TYPED_PARTS = `
import { BoundedQueue, Condition, Mutex, openPool, SharedMutex, type Future } from 'weir-crawl/concurrency';

const tasks = { square: (n: number) => n * n };

export async function use(): Promise<number> {
  const queue = new BoundedQueue<number>({ capacity: 2 });
  await queue.put(1);
  const mutex = new Mutex();
  const lock = await mutex.acquire();
  await new Condition(mutex).wait(lock, () => true);
  lock.release();
  new SharedMutex().lock();
  const pool = await openPool<typeof tasks>({ kind: 'threads', module: new URL('x.js', import.meta.url) });
  const future: Future<number> = pool.submit('square', 5);
  // @ts-expect-error a task that the module does not have
  pool.submit('cube', 5);
  return await future.result();
}
`;

const TYPED_PROGRAM = `
import { crawl, ERROR_CLASSES, type CrawlOptions, type Outcome } from 'weir-crawl';

const options: CrawlOptions = { urls: ['https://example.com/'], concurrency: 4, delay: '1s' };

export async function sizes(): Promise<number> {
  let total = 0;
  for await (const page of crawl(options)) {
    switch (page.kind) {
      case 'done': {
        const body: Uint8Array = await page.body();
        total += page.bytes + body.length;
        break;
      }
      case 'failed': {
        const remedy: string = ERROR_CLASSES[page.errorClass].remedy;
        total += remedy.length;
        break;
      }
      case 'skipped':
        break;
      default:
        page satisfies never;
    }
  }
  const summary = await crawl(options, (outcome: Outcome) => void outcome.url);
  return total + summary.totalMs;
}

// @ts-expect-error there is no such option
crawl({ url: 'https://example.com/' });
`;
