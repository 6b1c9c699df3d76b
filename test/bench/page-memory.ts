/**
 * `node test/bench/page-memory.ts`: what one hostile page costs. For each shape of `page-shapes.ts` a crawl of its own over 200
 * small pages and the large one; its peak memory and time beyond those of a crawl over the small pages alone are the page's.
 * To reach: 64 MB and 5 s for any.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { brotliCompressSync, constants, gzipSync, zstdCompressSync } from 'node:zlib';
import Database from 'better-sqlite3';
import { measure } from './measured-process.ts';
import { PAGE_SHAPES } from './page-shapes.ts';
import { smallPage } from './small-page.ts';
import { makeWorkFolder } from './work-folder.ts';

interface Coding {
  /** Value of Content-Encoding; `null` = none. */
  readonly header: string | null;
  readonly encode: (body: Buffer) => Uint8Array;
}

/** Shapes that repeat themselves are refused as bombs by ratio: stored, they are read, and what came is as large as what it means. */
const stored = (body: Uint8Array): Buffer => gzipSync(body, { level: 0 });
/** Decoders keep as much as they are asked to look back. */
const FAR_BACK = { params: { [constants.BROTLI_PARAM_QUALITY]: 2, [constants.BROTLI_PARAM_LGWIN]: 24 } };
const FARTHER_BACK = { params: { [constants.ZSTD_c_windowLog]: 27, [constants.ZSTD_c_contentSizeFlag]: 0 } };

const CODINGS: Readonly<Record<string, Coding>> = {
  identity: { header: null, encode: (body) => body },
  gzip: { header: 'gzip', encode: (body) => gzipSync(body) },
  br: {
    header: 'br',
    encode: (body) => brotliCompressSync(body, { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } }),
  },
  zstd: { header: 'zstd', encode: (body) => zstdCompressSync(body) },
  stored: { header: 'gzip', encode: stored },
  twice: { header: 'gzip, gzip', encode: (body) => stored(stored(body)) },
  'br-24': { header: 'br', encode: (body) => brotliCompressSync(body, FAR_BACK) },
  'zstd-27': { header: 'zstd', encode: (body) => zstdCompressSync(body, FARTHER_BACK) },
  members: { header: 'gzip', encode: (body) => inPieces(body, 4_000, stored, '?') },
  frames: { header: 'zstd', encode: (body) => inPieces(body, 1_000, (piece) => zstdCompressSync(piece, FARTHER_BACK)) },
};

/** Each piece of `size` bytes coded by itself. */
function inPieces(body: Buffer, size: number, encode: (piece: Buffer) => Buffer, end = ''): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; at < body.length; at += size) parts.push(encode(body.subarray(at, at + size)));
  return Buffer.concat([...parts, Buffer.from(end)]);
}

/** What servers send. */
const USUAL = ['identity', 'gzip', 'br', 'zstd', 'stored'].join(',');
const USAGE = `usage: node test/bench/page-memory.ts [--size 9900000] [--only 'PART OF A NAME|ANOTHER'] [--coding ${Object.keys(CODINGS).join(',')}] [--rounds 1]
                                      [-- FLAGS OF crawl]`;
const MOST_BYTES = 64e6;
const MOST_MS = 5_000;
const SMALL_PAGES = 200;
const BASE_ROUNDS = 3;
const PROGRAM = fileURLToPath(new URL('../../bin/crawl.js', import.meta.url));

const { values: options, positionals: flags } = parseArgs({
  allowPositionals: true,
  options: {
    size: { type: 'string', default: '9900000' },
    only: { type: 'string', default: '' },
    coding: { type: 'string', default: USUAL },
    rounds: { type: 'string', default: '1' },
    help: { type: 'boolean', default: false },
  },
});

interface Cost {
  readonly peakBytes: number;
  readonly wallMs: number;
  /** State of the large page, or why it failed, or what parsing said. */
  readonly end: string;
}

if (options.help) console.log(USAGE);
else await main();

async function main(): Promise<void> {
  let large: { type: string; coding: string | null; body: Uint8Array } = {
    type: 'text/html',
    coding: null,
    body: Buffer.alloc(0),
  };
  const server = createServer((request, response) => {
    const path = request.url ?? '/';
    if (path !== '/large') {
      response.writeHead(200, { 'content-type': 'text/html' }).end(smallPage(path));
      return;
    }
    const coding = large.coding === null ? {} : { 'content-encoding': large.coding };
    response
      .writeHead(200, { 'content-type': large.type, 'content-length': large.body.length, ...coding })
      .end(large.body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const folder = await makeWorkFolder('page-memory');
  try {
    const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const base = await median(BASE_ROUNDS, () => crawl(origin, false, folder));
    console.log(`${SMALL_PAGES} small pages: ${megabytes(base.peakBytes)} MB, ${base.wallMs.toFixed(0)} ms`);
    console.log(row(['page', 'coding', 'wire MB', 'MB', 'ms', 'end']));
    let worst = 0;
    for (const shape of PAGE_SHAPES.filter(({ name }) => options.only.split('|').some((part) => name.includes(part)))) {
      const page = shape.make(Number(options.size));
      for (const coding of options.coding.split(',')) {
        const { header, encode } = CODINGS[coding]!;
        large = { type: shape.type, coding: header, body: encode(page) };
        const cost = await median(Number(options.rounds), () => crawl(origin, true, folder));
        const [bytes, ms] = [cost.peakBytes - base.peakBytes, cost.wallMs - base.wallMs];
        worst = Math.max(worst, bytes / MOST_BYTES, ms / MOST_MS);
        console.log(row([shape.name, coding, megabytes(large.body.length), megabytes(bytes), ms.toFixed(0), cost.end]));
      }
    }
    process.exitCode = worst <= 1 ? 0 : 1;
  } finally {
    server.close();
    await rm(folder, { recursive: true });
  }
}

async function crawl(origin: string, withLarge: boolean, folder: string): Promise<Cost> {
  const list = join(folder, 'list.txt');
  const database = join(folder, 'run.db');
  const paths = Array.from({ length: SMALL_PAGES }, (_, n) => `/page/${n}`);
  if (withLarge) paths.splice(SMALL_PAGES / 2, 0, '/large');
  await writeFile(list, paths.map((path) => `${origin}${path}\n`).join(''));
  const args = [PROGRAM, '--urls', list, '-o', database, '-q', '--no-robots', ...flags];
  const run = await measure(args, folder);
  const end = endOf(database, `${origin}/large`);
  await rm(database);
  return { peakBytes: run.peakRssBytes, wallMs: run.wallMs, end };
}

function endOf(file: string, url: string): string {
  const database = new Database(file, { readonly: true, fileMustExist: true });
  try {
    const end = database
      .prepare<[string], string>(
        "SELECT concat_ws(', ', urls.state, reason, parse_error) FROM urls LEFT JOIN pages USING (url) WHERE url = ?",
      )
      .pluck()
      .get(url);
    return end ?? '';
  } finally {
    database.close();
  }
}

/** The run whose memory is the middle one. */
async function median(rounds: number, run: () => Promise<Cost>): Promise<Cost> {
  const costs: Cost[] = [];
  for (let round = 0; round < rounds; round++) costs.push(await run());
  return costs.toSorted((a, b) => a.peakBytes - b.peakBytes)[Math.floor(rounds / 2)]!;
}

/** As they come: the whole takes minutes. */
function row([name = '', ...cells]: readonly string[]): string {
  return name.padEnd(28) + cells.map((cell) => cell.padStart(9)).join(' ');
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}
