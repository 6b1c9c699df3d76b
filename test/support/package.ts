/**
 * The package as users get it: packed by `npm pack` from a copy of the checkout (so that neither `dist/` nor databases here are
 * touched), and ways to try it. Everything happens in temporary folders; the caller removes them.
 */
import { spawn } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, symlink, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import SQLite from 'better-sqlite3';
import { listen } from './listen.ts';

export const ROOT: string = fileURLToPath(new URL('../../', import.meta.url));

/** What the package is made of. */
const SOURCES = [
  'bin',
  'src',
  'config',
  'docs',
  'README.md',
  'ARCHITECTURE.md',
  'CHANGELOG.md',
  'LICENSE',
  'package.json',
];
const BUILD = ['tsconfig.json', 'tsconfig.build.json', 'data/urls.txt', 'data/pages.csv'];

export interface Manifest {
  readonly version: string;
  readonly bin: Readonly<Record<string, string>>;
  readonly dependencies: Readonly<Record<string, string>>;
}

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end in `cwd`, without settings of the tester's own. */
export async function run(cwd: string, program: string, ...args: readonly string[]): Promise<Ended> {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('CRAWL_')));
  const child = spawn(program, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  return { code, stdout, stderr };
}

/** `run`, for steps that must work. @throws {Error} with all output where it did not. */
export async function must(cwd: string, program: string, ...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await run(cwd, program, ...args);
  if (code !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${String(code)}:\n${stdout}${stderr}`);
  return stdout;
}

export async function manifest(): Promise<Manifest> {
  return JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as Manifest;
}

export async function temporaryFolder(): Promise<string> {
  return await mkdtemp(join(tmpdir(), 'weir-package-'));
}

/** Builds and packs a copy of the checkout in `folder`, beside a database that must not get in. Resolves to the tarball. */
export async function pack(folder: string): Promise<string> {
  const copy = join(folder, 'checkout');
  for (const name of [...SOURCES, ...BUILD]) await cp(join(ROOT, name), join(copy, name), { recursive: true });
  await writeFile(join(copy, 'data/list.db'), 'a database of the developer');
  await symlink(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
  await must(copy, 'npm', 'pack', '--silent', '--pack-destination', folder);
  return join(folder, `weir-crawl-${(await manifest()).version}.tgz`);
}

/**
 * Unpacks the tarball as an installed package in `folder`, without a registry: its dependencies, and no others, are links to the
 * checkout's; the commands are links as npm makes them.
 */
export async function installByLinks(tarball: string, folder: string): Promise<void> {
  const modules = join(folder, 'node_modules');
  const home = join(modules, 'weir-crawl');
  await mkdir(home, { recursive: true });
  await must(folder, 'tar', '-xzf', tarball, '-C', home, '--strip-components=1');
  const { bin, dependencies } = await manifest();
  for (const name of Object.keys(dependencies)) {
    await mkdir(dirname(join(modules, name)), { recursive: true });
    await symlink(join(ROOT, 'node_modules', name), join(modules, name));
  }
  await mkdir(join(modules, '.bin'));
  for (const [name, target] of Object.entries(bin))
    await symlink(join('../weir-crawl', target), join(modules, '.bin', name));
  await writeFile(join(folder, 'package.json'), '{ "name": "consumer", "private": true, "type": "module" }\n');
}

/** One page at every path of a loopback server. */
export async function onePageSite(): Promise<{ readonly url: string; readonly server: Server }> {
  const server = createServer((request, response) => {
    response.setHeader('content-type', 'text/html; charset=utf-8');
    response.end(`<title>Page ${String(request.url)}</title><p>Some words.</p><a href="/other">other</a>`);
  });
  return { url: `http://127.0.0.1:${await listen(server)}`, server };
}

/** Crawls three pages with the command installed in `folder` and gives what parser and store made of them. */
export async function crawlThreePages(folder: string, command: string, site: string): Promise<unknown[]> {
  await writeFile(join(folder, 'list.txt'), `${site}/1\n${site}/2\n${site}/3\n`);
  await must(
    folder,
    process.execPath,
    join(folder, 'node_modules/.bin', command),
    '--urls',
    'list.txt',
    '--fresh',
    '--force',
    '-q',
  );
  const db = new SQLite(join(folder, 'data/list.db'), { readonly: true });
  try {
    const found =
      'SELECT title, words, parse_error, (SELECT count(*) FROM links WHERE "from" = url) AS links FROM pages ORDER BY url';
    return db.prepare(found).all();
  } finally {
    db.close();
  }
}

/** What `crawlThreePages` must give. */
export const THREE_PAGES: readonly unknown[] = [1, 2, 3].map((n) => ({
  title: `Page /${n}`,
  words: 3,
  parse_error: null,
  links: 1,
}));

/** A program that imports the library and prints what became of one URL. */
export function libraryProgram(url: string): string {
  return `import { crawl } from 'weir-crawl';\nfor await (const page of crawl({ urls: '${url}' })) console.log(page.kind, page.title);\n`;
}
