/**
 * Crawls tiny pages in one process and tells the processor time of a page early and late in the run: what a page costs must
 * not depend on how many came before it. An attempt is a page here, as none fails.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cpuMsOf, readNumbers } from './scale-import.ts';
import { writeList } from './scale-list.ts';

const PROGRAM = fileURLToPath(new URL('../../bin/crawl.js', import.meta.url));
const SERVER = fileURLToPath(new URL('small-server.ts', import.meta.url));
const HOSTS = 8;
const LOOK_EVERY_MS = 50;

export interface PageCosts {
  readonly pages: number;
  /** From the first to the last of these pages; µs of processor time a page. */
  readonly early: PageStretch;
  readonly late: PageStretch;
  readonly pagesPerSecond: number;
}

export interface PageStretch {
  readonly from: number;
  readonly to: number;
  readonly micros: number;
}

/** Early is a twentieth to three twentieths of the run, late is its last tenth, the end left out. @throws Error when a page is missing. */
export async function measurePages(pages: number, folder: string): Promise<PageCosts> {
  const server = spawn(process.execPath, [SERVER], { stdio: ['pipe', 'pipe', 'inherit'] });
  const list = join(folder, 'pages.txt');
  const file = join(folder, 'pages.db');
  try {
    const [line] = (await once(server.stdout, 'data')) as [Buffer];
    await writeList(list, pages, Number(line.toString()), { hosts: HOSTS, order: 'shuffled', duplicates: 0 });
    const startedAt = performance.now();
    const child = spawn(process.execPath, [PROGRAM, '-i', list, '-o', file, '--no-robots', '-q'], { stdio: 'ignore' });
    const pid = child.pid as number;
    const marks = [0.05, 0.15, 0.9, 0.99].map((share) => ({ at: pages * share, pages: 0, cpuMs: 0 }));
    let left = marks;
    while (child.exitCode === null && child.signalCode === null) {
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
      const [mark] = left;
      const attempts = mark === undefined ? 0 : (readNumbers(file, 'SELECT max(id) FROM fetch')?.[0] ?? 0);
      if (mark === undefined || attempts < mark.at) continue;
      Object.assign(mark, { pages: attempts, cpuMs: cpuMsOf(pid) });
      left = left.slice(1);
    }
    const done = readNumbers(file, "SELECT count(*) FROM urls WHERE state = 'done'")?.[0];
    if (done !== pages) throw new Error(`${done} of ${pages} pages are done`);
    const stretch = (a: number, b: number): PageStretch => {
      const [from, to] = [marks[a], marks[b]];
      if (from === undefined || to === undefined) throw new Error('a mark is missing');
      return { from: from.pages, to: to.pages, micros: ((to.cpuMs - from.cpuMs) * 1_000) / (to.pages - from.pages) };
    };
    const seconds = (performance.now() - startedAt) / 1_000;
    return { pages, early: stretch(0, 1), late: stretch(2, 3), pagesPerSecond: pages / seconds };
  } finally {
    server.stdin.end();
    await rm(list, { force: true });
    await rm(file, { force: true });
  }
}
