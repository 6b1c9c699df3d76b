/**
 * `node test/bench/memory.ts`: peak memory of a crawl over a short list and over a long one, small answers. What depends
 * on the length of the list shows as the difference. To reach: 350 MB at most, and within 32 MB of each other.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import Database from 'better-sqlite3';
import { measure } from './measured-process.ts';
import { makeWorkFolder } from './work-folder.ts';

const USAGE = 'usage: node test/bench/memory.ts [--short 10000] [--long 1000000]';
const MOST_BYTES = 350e6;
const MOST_DIFFERENCE_BYTES = 32e6;
const HOSTS = 8;
const PROGRAM = fileURLToPath(new URL('../../bin/crawl.js', import.meta.url));
const SERVER = fileURLToPath(new URL('small-server.ts', import.meta.url));

const { values: options } = parseArgs({
  options: {
    short: { type: 'string', default: '10000' },
    long: { type: 'string', default: '1000000' },
    help: { type: 'boolean', default: false },
  },
});
if (options.help) console.log(USAGE);
else await main();

async function main(): Promise<void> {
  const server = spawn(process.execPath, [SERVER], { stdio: ['pipe', 'pipe', 'inherit'] });
  const folder = await makeWorkFolder('memory');
  try {
    const [line] = (await once(server.stdout, 'data')) as [Buffer];
    const port = Number(line.toString());
    const short = await peakOf(Number(options.short), port, folder);
    const long = await peakOf(Number(options.long), port, folder);
    const difference = Math.abs(long - short);
    const holds = Math.max(short, long) <= MOST_BYTES && difference <= MOST_DIFFERENCE_BYTES;
    console.log(
      `difference ${megabytes(difference)} (to reach: ${megabytes(MOST_BYTES)}, difference ${megabytes(MOST_DIFFERENCE_BYTES)})`,
    );
    process.exitCode = holds ? 0 : 1;
  } finally {
    server.stdin.end();
    await rm(folder, { recursive: true });
  }
}

async function peakOf(count: number, port: number, folder: string): Promise<number> {
  const list = join(folder, 'list.txt');
  const database = join(folder, 'run.db');
  await pipeline(Readable.from(lines(count, port)), createWriteStream(list));
  const run = await measure([PROGRAM, '--urls', list, '-o', database, '-q'], folder);
  const done = countDone(database);
  if (done !== count) throw new Error(`${done} of ${count} URLs are done`);
  await rm(database);
  const rate = Math.round((count / run.wallMs) * 1000).toLocaleString('en-US');
  console.log(
    `${count.toLocaleString('en-US').padStart(9)} URLs: peak RSS ${megabytes(run.peakRssBytes)}, ${rate} pages/s`,
  );
  return run.peakRssBytes;
}

/** In portions of a thousand lines: a stream of single lines is slow to write. */
function* lines(count: number, port: number): Generator<string> {
  const PORTION = 1000;
  for (let first = 0; first < count; first += PORTION) {
    let text = '';
    const end = Math.min(count, first + PORTION);
    for (let i = first; i < end; i += 1) text += `http://h${i % HOSTS}.localhost:${port}/page/${i}\n`;
    yield text;
  }
}

function countDone(file: string): number {
  const database = new Database(file, { readonly: true, fileMustExist: true });
  try {
    return database.prepare<[], number>("SELECT count(*) FROM urls WHERE state = 'done'").pluck().get() ?? 0;
  } finally {
    database.close();
  }
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(0)} MB`;
}
