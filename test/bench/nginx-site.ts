/**
 * The documents behind an nginx of our own on 127.0.0.1–8: own configuration, own pid, everything in one temporary folder,
 * nothing of the system's nginx touched. One worker, so that it has one core at most and the crawl the other.
 */
import { spawn, spawnSync } from 'node:child_process';
import { chmod, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { atExit } from './at-exit.ts';
import { missingDocuments, prepareDocuments, prepareStartPage, smallerOnes } from './documents.ts';
import type { BenchDocument } from './documents.ts';
import { makeWorkFolder } from './work-folder.ts';
import { reachablePaths } from './site-truth.ts';
import type { BenchSite, ExpectedPage, WholeSite } from './site.ts';

const NGINX = 'nginx';
const ADDRESSES = Array.from({ length: 8 }, (_, i) => `127.0.0.${i + 1}`);
const START_MS = 5_000;

/** Why the documents cannot be served here, one reason a line; empty where they can. */
export function nginxObstacles(): string[] {
  const found = spawnSync(NGINX, ['-v']).status === 0;
  return [...(found ? [] : ['nginx is not installed']), ...missingDocuments().map((folder) => `${folder} is missing`)];
}

/**
 * Serves the documents at `port` of all eight addresses; the list has `pages` URLs, all different, of documents of `mean` bytes
 * on the mean (default: all documents).
 */
export async function startNginxSite(port: number, pages: number, mean: number = Infinity): Promise<BenchSite> {
  if (await accepts(port)) throw new Error(`port ${port} of 127.0.0.1 is taken; choose another with --port`);
  const folder = await makeWorkFolder('nginx');
  const removeFolder = (): Promise<void> => rm(folder, { recursive: true });
  try {
    const root = join(folder, 'root');
    const documents = await prepareDocuments(root);
    const start = await prepareStartPage(root);
    const listed = smallerOnes(documents, mean);
    const list = listOf(listed, port, pages);
    const stopNginx = await startNginx(folder, port);
    const megabytes = [...list.expected.values()].reduce((sum, page) => sum + page.bytes, 0) / 1e6;
    return {
      label: `${pages.toLocaleString('en-US')} URLs of ${listed.length} documents on 8 addresses of one nginx, ${megabytes.toFixed(0)} MB decoded`,
      comparable: true,
      ...list,
      wholeSite: () => wholeSiteOf(root, [start, ...documents], start.path, `http://${ADDRESSES[0]}:${port}`),
      close: () => stopNginx().then(removeFolder),
    };
  } catch (error) {
    await removeFolder();
    throw error;
  }
}

async function wholeSiteOf(
  root: string,
  documents: readonly BenchDocument[],
  start: string,
  origin: string,
): Promise<WholeSite> {
  const reached = new Set(await reachablePaths(root, documents, start));
  const pages = documents.filter(({ path }) => reached.has(path));
  return { start: `${origin}${start}`, expected: new Map(pages.map((page) => [`${origin}${page.path}`, page])) };
}

/** Resolves, once nginx answers, to what stops it. */
async function startNginx(folder: string, port: number): Promise<() => Promise<void>> {
  await writeFile(join(folder, 'nginx.conf'), configuration(folder, port));
  // nginx's worker is another user (nobody) when this runs as root.
  await chmod(folder, 0o755);
  const nginx = spawn(NGINX, ['-p', folder, '-c', join(folder, 'nginx.conf'), '-e', 'stderr'], { stdio: 'inherit' });
  const exited = once(nginx, 'exit');
  const forget = atExit(() => nginx.kill('SIGTERM'));
  const stop = async (): Promise<void> => {
    nginx.kill('SIGTERM');
    await exited;
    forget();
  };
  if (await listens(port)) return stop;
  await stop();
  throw new Error(`nginx did not start on port ${port}`);
}

/** Every document at one address after the other, the address changing from URL to URL: no two URLs are the same. */
function listOf(
  documents: readonly BenchDocument[],
  port: number,
  pages: number,
): { urls: string[]; expected: Map<string, ExpectedPage> } {
  const most = documents.length * ADDRESSES.length;
  if (pages > most) throw new Error(`--pages ${pages}: there are ${most} different URLs`);
  const expected = new Map<string, ExpectedPage>();
  for (let i = 0; i < pages; i += 1) {
    const document = documents[i % documents.length] as BenchDocument;
    const address = ADDRESSES[(i + Math.floor(i / documents.length) * roundShift(documents.length)) % ADDRESSES.length];
    expected.set(`http://${address}:${port}${document.path}`, document);
  }
  if (expected.size !== pages) throw new Error('the list of the benchmark names a URL twice');
  return { urls: [...expected.keys()], expected };
}

/** Added to the address once a round, so that a document meets each address once whatever the number of documents is. */
function roundShift(documents: number): number {
  return (1 - (documents % ADDRESSES.length) + ADDRESSES.length) % ADDRESSES.length;
}

function configuration(folder: string, port: number): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  return `daemon off;
worker_processes 1;
pid ${folder}/nginx.pid;
error_log stderr error;
events { worker_connections 4096; }
http {
${temporary.map((name) => `  ${name}_temp_path ${folder}/${name};`).join('\n')}
  access_log off;
  log_not_found off;
  types { text/html html; }
  charset utf-8;
  sendfile on;
  tcp_nopush on;
  gzip_static on;
  keepalive_timeout 300s;
  keepalive_requests 10000000;
  open_file_cache max=50000 inactive=300s;
  server {
${ADDRESSES.map((address) => `    listen ${address}:${port} backlog=4096;`).join('\n')}
    root ${folder}/root;
  }
}
`;
}

async function listens(port: number): Promise<boolean> {
  const deadline = performance.now() + START_MS;
  while (performance.now() < deadline) {
    if (await accepts(port)) return true;
    await sleep(50);
  }
  return false;
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
