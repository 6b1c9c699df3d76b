/** A fast run that lost something is no run: holds what a program stored, byte for byte, against the pages it was to fetch. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { BenchSite, ExpectedPage } from './site.ts';

/** What a run failed to store; both 0 in a run that counts. */
export interface Loss {
  readonly missing: number;
  /** Stored with other bytes, or twice. */
  readonly wrong: number;
  /** One of them, to look at. */
  readonly example?: string;
}

/** Where a program puts the body of a URL, given its place in the list. */
export type FileOf = (url: string, index: number) => string;

interface Row extends ExpectedPage {
  readonly url: string;
  readonly status: number | null;
  readonly has_text: 0 | 1;
}

/** Nothing but exactly one right row for each URL of the site, with its text if that was asked for, is no loss. */
export function checkDatabase(file: string, site: BenchSite, withText: boolean): Loss {
  const database = new Database(file, { readonly: true, fileMustExist: true });
  try {
    const rows = database
      .prepare<[], Row>('SELECT url, status, bytes, sha256, text IS NOT NULL AS has_text FROM pages')
      .all();
    const left = new Map(site.expected);
    const loss = new LossCount();
    for (const row of rows) {
      const page = left.get(row.url);
      left.delete(row.url);
      const right = row.status === 200 && row.bytes === page?.bytes && row.sha256 === page.sha256;
      if (!right || (withText && row.has_text === 0)) loss.wrong(row.url);
    }
    for (const url of left.keys()) loss.missing(url);
    return loss.result();
  } finally {
    database.close();
  }
}

/** Nothing but a right file for each URL of the site is no loss. */
export async function checkFiles(folder: string, fileOf: FileOf, site: BenchSite): Promise<Loss> {
  const loss = new LossCount();
  for (const [index, url] of site.urls.entries()) {
    const content = await readFile(join(folder, fileOf(url, index))).catch(() => undefined);
    const page = site.expected.get(url);
    if (content === undefined) loss.missing(url);
    else if (content.length !== page?.bytes || sha256(content) !== page.sha256) loss.wrong(url);
  }
  return loss.result();
}

/** One line of what a peer's script extracts from a page. */
interface Extracted {
  readonly url: string;
  readonly title: string | null;
  readonly textLength: number;
  readonly links: readonly string[];
}

/** Nothing but one line a URL, with title, text length and absolute links, is no loss. */
export async function checkExtracts(file: string, site: BenchSite): Promise<Loss> {
  const lines = (await readFile(file, 'utf8').catch(() => '')).split('\n').filter(Boolean);
  const left = new Set(site.urls);
  const loss = new LossCount();
  for (const line of lines) {
    const { url, title, textLength, links } = JSON.parse(line) as Extracted;
    const whole = title !== undefined && textLength > 0 && links.every((link) => URL.canParse(link));
    if (!left.delete(url) || !whole) loss.wrong(url);
  }
  for (const url of left) loss.missing(url);
  return loss.result();
}

class LossCount {
  #missing = 0;
  #wrong = 0;
  #example: string | undefined;

  missing(url: string): void {
    this.#missing += 1;
    this.#example ??= url;
  }

  wrong(url: string): void {
    this.#wrong += 1;
    this.#example ??= url;
  }

  result(): Loss {
    const counts = { missing: this.#missing, wrong: this.#wrong };
    return this.#example === undefined ? counts : { ...counts, example: this.#example };
  }
}

function sha256(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}
