/**
 * Export: each stored page's decoded body as a file. In: pages by key, a template of names, the output folder. Out: files whose
 * bytes have the recorded SHA-256, and counts in which every page is found once. One body is in memory at a time.
 */
import { createHash } from 'node:crypto';
import type { PageSource, StoredPage } from '../model/stored-page.ts';
import type { NameTemplate } from './name-template.ts';
import type { OutputFolder } from './output-folder.ts';
import { PageFields } from './page-fields.ts';
import { nameKey } from './safe-name.ts';
import { TakenNames } from './taken-names.ts';

export interface ExportedFiles {
  /** Pages looked at = all other counts of pages together. */
  pages: number;
  written: number;
  /** Of the files written. */
  bytes: number;
  /** There already with the same bytes. */
  same: number;
  /** Another file has the name. */
  kept: number;
  /** Something that is no file stands in the way. */
  blocked: number;
  /** Stored bytes that do not have their digest any more. */
  damaged: number;
  /** Answers without a body, or whose body was not kept. */
  withoutBody: number;
  /** Not among those asked for: failed pages, or other status codes. */
  leftOut: number;
  /** Pages that share a name with one before: they got ` (2)` and so on. */
  numbered: number;
  /** By field: pages that have none; their URL's id stands there. */
  readonly withoutField: Record<string, number>;
  /** The first pages that were kept, blocked or damaged. */
  readonly problems: { readonly url: string; readonly file: string; readonly problem: string }[];
}

/** A page's file; `file` is relative to the folder, with `/` everywhere. */
export interface SavedPage {
  readonly url: string;
  readonly file: string;
}

export interface ExportFilesOptions {
  readonly template: NameTemplate;
  /** Whether columns of the lists may stand in names. */
  readonly withColumns: boolean;
  readonly folder: OutputFolder;
  readonly isWanted: (page: StoredPage) => boolean;
  /** Called for every file that holds its page now: written, or there before. */
  readonly onSaved: ((page: SavedPage) => void) | null;
  /** Called often; events get a turn while it waits. `share`: from 0 to 1. */
  readonly onProgress: (counts: ExportedFiles, share: number) => Promise<void>;
}

/** Work between two turns for other events. */
const PAGES_A_TURN = 25;
const BYTES_A_TURN = 8_000_000;
const PROBLEMS_NAMED = 20;

/** @throws {StoreError} where the disk takes nothing more, or the database cannot be read. */
export async function exportFiles(source: PageSource, options: ExportFilesOptions): Promise<ExportedFiles> {
  const job = new ExportJob(source, options);
  try {
    const upTo = source.lastPage();
    let after = 0;
    for (;;) {
      const pages = source.pages(after, upTo);
      for (const [index, page] of pages.entries()) {
        const before = job.counts.bytes;
        job.save(page);
        const isDue = (index + 1) % PAGES_A_TURN === 0 || job.counts.bytes - before > BYTES_A_TURN;
        if (isDue) await options.onProgress(job.counts, page.urlId / upTo);
      }
      const last = pages.at(-1);
      if (last === undefined) return job.counts;
      after = last.urlId;
    }
  } finally {
    job.close();
  }
}

class ExportJob {
  readonly counts: ExportedFiles = {
    pages: 0,
    written: 0,
    bytes: 0,
    same: 0,
    kept: 0,
    blocked: 0,
    damaged: 0,
    withoutBody: 0,
    leftOut: 0,
    numbered: 0,
    withoutField: {},
    problems: [],
  };
  readonly #source: PageSource;
  readonly #options: ExportFilesOptions;
  readonly #names = new TakenNames();

  constructor(source: PageSource, options: ExportFilesOptions) {
    this.#source = source;
    this.#options = options;
  }

  save(page: StoredPage): void {
    const { counts } = this;
    counts.pages++;
    if (!this.#options.isWanted(page)) {
      counts.leftOut++;
      return;
    }
    const read = this.#body(page);
    if (read === null) {
      counts.withoutBody++;
      return;
    }
    // A damaged page takes its name too: the others keep theirs whatever happens to it.
    const parts = this.#name(page);
    const file = parts.join('/');
    if ('problem' in read) {
      counts.damaged++;
      this.#report(page, file, read.problem);
      return;
    }
    const result = this.#options.folder.write(parts, read.bytes, page.fetchedAt);
    counts[result]++;
    if (result === 'written') counts.bytes += read.bytes.byteLength;
    if (result === 'kept') this.#report(page, file, 'another file has this name');
    else if (result === 'blocked') this.#report(page, file, 'a link, a folder or no regular file is in the way');
    else this.#options.onSaved?.({ url: page.url, file });
  }

  close(): void {
    this.#names.close();
  }

  #body({ bodyId, sha256 }: StoredPage): { readonly bytes: Uint8Array } | { readonly problem: string } | null {
    if (bodyId === null) return null;
    try {
      const bytes = this.#source.bodyBytes(bodyId);
      if (bytes === null) return null;
      const digest = createHash('sha256').update(bytes).digest('hex');
      return digest === sha256 ? { bytes } : { problem: `the stored body has the digest ${digest}` };
    } catch (error) {
      // One damaged row must not keep all others from their files.
      if ((error as { code?: unknown } | null)?.code !== 'ERR_STORE') throw error;
      return { problem: (error as Error).message };
    }
  }

  #name(page: StoredPage): string[] {
    const fields = new PageFields(page, this.#options.withColumns);
    const wanted = this.#options.template.fill((field) => {
      const parts = fields.parts(field);
      if (parts !== null) return parts;
      const { withoutField } = this.counts;
      withoutField[field] = (withoutField[field] ?? 0) + 1;
      return [String(page.urlId)];
    });
    const parts = this.#names.take(wanted);
    // A folder in another spelling is shared, not numbered.
    if (nameKey(parts.join('/')) !== nameKey(wanted.join('/'))) this.counts.numbered++;
    return parts;
  }

  #report({ url }: StoredPage, file: string, problem: string): void {
    if (this.counts.problems.length < PROBLEMS_NAMED) this.counts.problems.push({ url, file, problem });
  }
}
