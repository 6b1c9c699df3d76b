/**
 * Command line: `crawl cat URL`. The stored body to stdout byte for byte, so that `crawl cat URL | sha256sum` equals the
 * recorded digest. On a terminal, where the bytes of the web could do harm, control characters are escaped.
 */
import { ConfigError, StoreError } from '../model/errors.ts';
import { escapeBlock, escapeControl } from '../report/escape.ts';
import type { PageContent } from '../store/page-content.ts';
import type { StoreReader } from '../store/reader.ts';
import { describeUrlProblem } from '../url/canonical.ts';
import { seedUrl } from '../url/seed-url.ts';
import type { Invocation } from './command.ts';
import { databaseFile, shownPath } from './database-file.ts';
import { EXIT } from './exit-codes.ts';
import { textOf } from './table.ts';
import type { Terminal } from './terminal.ts';

const FORMS = ['text', 'headers', 'raw'] as const;

/** @throws {ConfigError} `ERR_USAGE`. @throws {StoreError} `ERR_NOT_FOUND` where nothing is stored of the URL. */
export async function catCommand(invocation: Invocation): Promise<number> {
  const { flags, words, cwd } = invocation;
  const [word] = words;
  const forms = FORMS.filter((form) => flags[form] === true);
  if (word === undefined) throw new ConfigError(['which URL? crawl cat URL'], 'ERR_USAGE');
  if (forms.length > 1)
    throw new ConfigError([`--${forms.join(' and --')} are different things; use one`], 'ERR_USAGE');
  const seed = seedUrl(word);
  if (!seed.ok) throw new ConfigError([describeUrlProblem(seed.reason, word)], 'ERR_USAGE');

  const file = databaseFile(invocation, undefined);
  const { openReader } = await import('../store/reader.ts');
  const reader = openReader(file);
  try {
    const page = reader.body(seed.url) ?? notThere(reader, seed.url, shownPath(file, cwd));
    write(invocation, page, forms[0] ?? 'body');
    return EXIT.finished;
  } finally {
    reader.close();
  }
}

function write({ terminal }: Invocation, page: PageContent, form: 'body' | (typeof FORMS)[number]): void {
  switch (form) {
    case 'headers':
      terminal.line(`${String(page.status)} ${escapeControl(page.finalUrl)}`);
      for (const [name, value] of page.headers) terminal.line(escapeControl(`${name}: ${value}`));
      break;
    case 'text':
      if (page.text === null)
        throw missing(page, 'no text of it is stored (not HTML, --no-text, or --parse links or none)');
      terminal.line(terminal.isStdoutTTY ? escapeBlock(page.text) : page.text);
      break;
    case 'raw':
      writeBytes(terminal, page, page.wire);
      break;
    default:
      writeBytes(terminal, page, page.bytes);
  }
}

function writeBytes(terminal: Terminal, page: PageContent, bytes: Uint8Array | null): void {
  if (page.sha256 === null) throw missing(page, 'its body was left out, because it did not decode');
  if (bytes === null) throw missing(page, 'its body is not stored (--bodies none)');
  if (!terminal.isStdoutTTY) {
    terminal.data(bytes);
    return;
  }
  const text = textOf(bytes);
  if (text === null || text.includes('\0')) {
    throw new ConfigError(
      [`${page.url} is not text; send it to a file or a program: crawl cat URL > FILE`],
      'ERR_USAGE',
    );
  }
  terminal.data(escapeBlock(text.replaceAll('\r\n', '\n')));
}

function notThere(reader: StoreReader, url: string, shown: string): never {
  const row = reader.findUrl(url);
  if (row === null) throw new StoreError(`${url} is not in ${shown}`, { code: 'ERR_NOT_FOUND' });
  const why = row.reason === null ? '' : ` (${row.reason})`;
  throw new StoreError(
    `nothing is stored of ${url}: it is ${row.state}${why}, attempts made: ${String(row.attempts)}`,
    {
      code: 'ERR_NOT_FOUND',
    },
  );
}

function missing(page: PageContent, why: string): StoreError {
  return new StoreError(`${page.url}: ${why}`, { code: 'ERR_NOT_FOUND' });
}
