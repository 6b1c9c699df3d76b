/**
 * What parsing a page costs, step by step, as ratios: `node test/bench/parse.bench.ts [folder with .html files]`.
 * CPU time of the best of five rounds; the first column is ms per page, the second the share of the whole.
 */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { Parser, Tokenizer } from 'htmlparser2';
import type { TokenizerCallbacks } from 'htmlparser2';
import { decodeText } from '../../src/parse/charset.ts';
import { decodeBody } from '../../src/parse/decode.ts';
import { readHtml } from '../../src/parse/html.ts';
import type { ParserOptions } from '../../src/parse/options.ts';
import { packBody } from '../../src/parse/pack-body.ts';
import { PageParser } from '../../src/parse/parse-page.ts';
import { LinkResolver } from '../../src/url/resolve-links.ts';
import { fetchedPage } from '../unit/parse/fetched-page.ts';

const FOLDERS = ['/usr/share/doc/postgresql-doc-15/html', '/usr/share/doc/python3.11/html', '/usr/share/doc/sqlite3'];
const MOST_PAGES = 300;

function realPages(folders: readonly string[]): Buffer[] {
  const files = folders
    .filter((folder) => existsSync(folder))
    .flatMap((folder) => htmlFiles(folder).slice(0, MOST_PAGES / folders.length));
  return files.map((file) => readFileSync(file)).filter((page) => page.length > 5000 && page.length < 200_000);
}

function htmlFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.html'))
    .map((entry) => join(entry.parentPath, entry.name));
}

const folder = process.argv[2];
const pages = realPages(folder === undefined ? FOLDERS : [folder]);
if (pages.length === 0) throw new Error('no .html files found: give a folder that holds some');

const options: ParserOptions = {
  mode: 'full',
  links: 'all',
  text: true,
  bodies: 'packed',
  maxSize: 10_000_000,
  extract: [],
};
const wire = pages.map((page) => new Uint8Array(gzipSync(page)));
const html = pages.map((page) => page.toString('utf8'));
const fetched = wire.map((body) => fetchedPage({ body, contentEncoding: 'gzip' }));
const full = await PageParser.create(options);
const none = await PageParser.create({ ...options, mode: 'none' });
const ignore = (): void => undefined;
const callbacks: TokenizerCallbacks = {
  onattribdata: ignore,
  onattribentity: ignore,
  onattribend: ignore,
  onattribname: ignore,
  oncdata: ignore,
  onclosetag: ignore,
  oncomment: ignore,
  ondeclaration: ignore,
  onend: ignore,
  onopentagend: ignore,
  onopentagname: ignore,
  onprocessinginstruction: ignore,
  onselfclosingtag: ignore,
  ontext: ignore,
  ontextentity: ignore,
};

function read(n: number, mode: 'full' | 'links'): void {
  const facts = readHtml(pages[n]!, { mode, text: true, links: true, xhtml: false });
  facts.links.resolve(new LinkResolver('http://site.test/dir/page.html'), null, true);
}

const steps: Readonly<Record<string, (n: number) => void>> = {
  'whole page, --parse full': (n) => full.parse(fetched[n]!),
  'whole page, --parse none': (n) => none.parse(fetched[n]!),
  'decode gzip': (n) => decodeBody(wire[n]!, 'gzip', 1e7),
  'digest, keep wire bytes': (n) =>
    packBody(wire[n]!, { ok: true, bytes: pages[n]!, wireEncoding: 'gzip', warning: null }, 'packed', 'text/html'),
  'digest, pack by zstd': (n) =>
    packBody(pages[n]!, { ok: true, bytes: pages[n]!, wireEncoding: 'identity', warning: null }, 'packed', 'text/html'),
  'bytes to text': (n) => decodeText(pages[n]!, null, true),
  'read HTML, full': (n) => read(n, 'full'),
  'read HTML, links': (n) => read(n, 'links'),
  'htmlparser2 Tokenizer, no handler': (n) => {
    const tokenizer = new Tokenizer({ decodeEntities: false }, callbacks);
    tokenizer.write(html[n]!);
    tokenizer.end();
  },
  'htmlparser2 Parser, no handler': (n) => {
    new Parser({ onopentag: ignore, ontext: ignore, onclosetag: ignore }).end(html[n]);
  },
};

function cpuMsPerPage(step: (n: number) => void): number {
  let best = Infinity;
  for (let round = 0; round < 7; round++) {
    const before = process.cpuUsage();
    for (let n = 0; n < pages.length; n++) step(n);
    const { user, system } = process.cpuUsage(before);
    // The first two rounds warm the compiler up.
    if (round > 1) best = Math.min(best, (user + system) / 1000 / pages.length);
  }
  return best;
}

const bytes = pages.reduce((sum, page) => sum + page.length, 0);
console.log(`${pages.length} pages of ${Math.round(bytes / pages.length)} bytes on average`);
let whole = 0;
for (const [name, step] of Object.entries(steps)) {
  const ms = cpuMsPerPage(step);
  whole ||= ms;
  console.log(`${ms.toFixed(3).padStart(8)} ms ${(ms / whole).toFixed(2).padStart(6)}  ${name}`);
}
