/**
 * Real pages to crawl: the HTML documentation of SQLite, PostgreSQL 15 and Python 3.11 as Debian packages it, about 2,460
 * files. Lays them out below a folder as a web server wants them: a link to each file, and beside it a copy compressed
 * once (gzip, level 6), as nginx's gzip_static takes it.
 */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, readdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { ExpectedPage } from './site.ts';

const FOLDERS: Readonly<Record<string, string>> = {
  sqlite: '/usr/share/doc/sqlite3',
  postgresql: '/usr/share/doc/postgresql-doc-15/html',
  python: '/usr/share/doc/python3.11/html',
};

export interface BenchDocument extends ExpectedPage {
  /** Path of its URL, from `/`. */
  readonly path: string;
}

/** Folders that are not there: their packages are not installed. */
export function missingDocuments(): string[] {
  return Object.values(FOLDERS).filter((folder) => !existsSync(folder));
}

/** Lays the documents out below `root` and measures each. */
export async function prepareDocuments(root: string): Promise<BenchDocument[]> {
  const files: { path: string; source: string }[] = [];
  for (const [name, folder] of Object.entries(FOLDERS)) {
    const entries = await readdir(folder, { recursive: true });
    const pages = entries.filter((entry) => entry.endsWith('.html')).sort();
    files.push(...pages.map((entry) => ({ path: `/${name}/${entry}`, source: join(folder, entry) })));
  }
  const documents: BenchDocument[] = [];
  // zlib's own threads work while the next file is read; a few at a time keep them busy without holding all files.
  const BATCH = 8;
  for (let i = 0; i < files.length; i += BATCH) {
    documents.push(...(await Promise.all(files.slice(i, i + BATCH).map((file) => prepare(root, file)))));
  }
  return documents;
}

/** The smaller ones, in their order: as many as are of `mean` bytes on the mean, uncompressed. */
export function smallerOnes(documents: readonly BenchDocument[], mean: number): BenchDocument[] {
  let bytes = 0;
  let largest = 0;
  for (const [index, document] of documents.toSorted((a, b) => a.bytes - b.bytes).entries()) {
    bytes += document.bytes;
    if (bytes > mean * (index + 1)) break;
    largest = document.bytes;
  }
  return documents.filter((document) => document.bytes <= largest);
}

/** A page of our own that links to the first page of each set of documents: where a crawl of the whole site starts. */
export async function prepareStartPage(root: string): Promise<BenchDocument> {
  const links = Object.keys(FOLDERS).map((name) => `<li><a href="${name}/index.html">${name}</a>`);
  const html = `<!doctype html><title>Documents</title><ul>\n${links.join('\n')}\n</ul>\n`;
  await writeFile(join(root, 'index.html'), html);
  return { path: '/index.html', ...measureContent(Buffer.from(html)) };
}

async function prepare(root: string, file: { path: string; source: string }): Promise<BenchDocument> {
  const target = join(root, file.path);
  const content = await readFile(file.source);
  await mkdir(dirname(target), { recursive: true });
  await symlink(file.source, target);
  await writeFile(`${target}.gz`, await promisify(gzip)(content, { level: 6 }));
  return { path: file.path.split('/').map(encodeURIComponent).join('/'), ...measureContent(content) };
}

function measureContent(content: Buffer): ExpectedPage {
  return { bytes: content.length, sha256: createHash('sha256').update(content).digest('hex') };
}
