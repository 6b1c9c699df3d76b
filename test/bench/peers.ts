/**
 * The programs that Weir is held against, as their users would start them: command-line tools with their own switches, libraries by
 * the scripts in `peers/`. What is not installed is named and left out. Node libraries come from a folder of the
 * benchmark's own (`install.sh` fills it), never from the project's dependencies.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkExtracts, checkFiles } from './check-run.ts';
import type { FileOf } from './check-run.ts';
import type { Contestant, Task } from './contestant.ts';
import type { Program } from './measured-process.ts';

/** Where `install.sh` puts Crawlee and node-crawler. */
export const PEERS_FOLDER: string = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'weir-bench');

export interface Peer extends Contestant {
  /** What `--peers` calls it. */
  readonly id: string;
  /** null where it is not installed. */
  readonly version: string | null;
}

const SCRIPTS = fileURLToPath(new URL('peers', import.meta.url));
const EXTRACTS = 'pages.jsonl';
const numbered: FileOf = (_url, index) => String(index);

/** Every peer, installed or not. */
export function allPeers(): Peer[] {
  return [
    tool('curl', 'curl -Z', versionOf('curl', '--version'), numbered, curl),
    tool('wget2', 'wget2', versionOf('wget2', '--version'), byHost, wget2),
    tool('aria2c', 'aria2c', versionOf('aria2c', '--version'), numbered, aria2c),
    library('crawlee', 'Crawlee', packageVersion('@crawlee/cheerio'), nodeScript('crawlee.mjs')),
    library('node-crawler', 'node-crawler', packageVersion('crawler'), nodeScript('node-crawler.mjs')),
    library('scrapy', 'Scrapy', versionOf('scrapy', 'version'), scrapy),
    tool('urllib', 'Python threads + urllib', versionOf('python3', '--version'), numbered, urllib),
  ];
}

type Prepare = (task: Task) => Promise<Program>;

function tool(id: string, name: string, version: string | null, fileOf: FileOf, prepare: Prepare): Peer {
  const check = (task: Task): ReturnType<Peer['check']> => checkFiles(task.folder, fileOf, task.site);
  return { id, name, version, isWeir: false, extracts: false, prepare, check };
}

function library(id: string, name: string, version: string | null, prepare: Prepare): Peer {
  const check: Peer['check'] = async ({ folder, site, extract }) => {
    const bodies = await checkFiles(folder, numbered, site);
    if (!extract || bodies.missing + bodies.wrong > 0) return bodies;
    return checkExtracts(join(folder, EXTRACTS), site);
  };
  return { id, name, version, isWeir: false, extracts: true, prepare, check };
}

async function curl({ site, folder, connections }: Task): Promise<Program> {
  const config = join(folder, 'curl.conf');
  const entries = site.urls.map((url, index) => `url = "${url}"\noutput = "${join(folder, String(index))}"`);
  await writeFile(config, entries.join('\n'));
  const args = ['--parallel', '--parallel-max', String(connections), '--silent', '--show-error', '--config', config];
  return { program: 'curl', args };
}

async function wget2({ list, folder, connections }: Task): Promise<Program> {
  const where = ['--input-file', list, '--directory-prefix', folder, '--force-directories'];
  return { program: 'wget2', args: ['--quiet', '--no-robots', `--max-threads=${connections}`, ...where] };
}

/** wget2 names files by host and path, the query after a `?`, without the port. */
function byHost(url: string): string {
  const { hostname, pathname, search } = new URL(url);
  return decodeURIComponent(`${hostname}${pathname}${search}`);
}

async function aria2c({ site, folder, connections }: Task): Promise<Program> {
  const input = join(folder, 'aria2.txt');
  await writeFile(input, site.urls.map((url, index) => `${url}\n  out=${index}`).join('\n'));
  const args = ['--quiet', '--no-conf', '--file-allocation=none', '--max-concurrent-downloads', String(connections)];
  return { program: 'aria2c', args: [...args, '--dir', folder, '--input-file', input] };
}

async function urllib(task: Task): Promise<Program> {
  return { program: 'python3', args: [join(SCRIPTS, 'urllib_threads.py'), ...scriptArgs(task)] };
}

async function scrapy({ list, folder, extract, connections }: Task): Promise<Program> {
  const given = { list, folder, mode: extract ? 'extract' : 'store' };
  const settings = { CONCURRENT_REQUESTS: connections, CONCURRENT_REQUESTS_PER_DOMAIN: connections };
  const args = [
    ...Object.entries(given).flatMap(([name, value]) => ['-a', `${name}=${value}`]),
    ...Object.entries(settings).flatMap(([name, value]) => ['-s', `${name}=${value}`]),
    ...(extract ? ['-o', `${join(folder, EXTRACTS)}:jsonlines`] : []),
  ];
  return { program: 'scrapy', args: ['runspider', join(SCRIPTS, 'scrapy_spider.py'), ...args] };
}

function nodeScript(name: string): Prepare {
  return async (task) => ({
    program: process.execPath,
    args: [join(SCRIPTS, name), ...scriptArgs(task)],
    env: { WEIR_BENCH_PEERS: PEERS_FOLDER },
  });
}

function scriptArgs({ list, folder, extract, connections }: Task): string[] {
  return [list, folder, extract ? 'extract' : 'store', String(connections)];
}

/** The first number of what the program says of itself. */
function versionOf(program: string, flag: string): string | null {
  const { status, stdout } = spawnSync(program, [flag], { encoding: 'utf8' });
  return status === 0 ? (/\d+(\.\d+)+/.exec(stdout)?.[0] ?? 'of unknown version') : null;
}

function packageVersion(name: string): string | null {
  const file = join(PEERS_FOLDER, 'node_modules', name, 'package.json');
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version : null;
}
