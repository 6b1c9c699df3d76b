/**
 * The parts of README.md and docs/ that are rendered from the program's own tables, so that they cannot fall behind it.
 * Each stands between `<!-- begin NAME -->` and `<!-- end -->`. After a change of a table:
 *
 *   node test/support/documents.ts        writes all parts anew
 *
 * `test/unit/docs/documents.test.ts` fails while a document differs from what is rendered here.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import SQLite from 'better-sqlite3';
import { COMMANDS } from '../../src/cli/commands.ts';
import { EXIT_CODE_TEXTS } from '../../src/cli/exit-codes.ts';
import { flagText, SETTINGS } from '../../src/config/options.ts';
import { optionReference } from '../../src/config/reference.ts';
import { ERROR_CLASSES, SKIP_REASONS, type RetryRule } from '../../src/model/error-codes.ts';
import { REJECT_REASONS } from '../../src/model/seed.ts';
import { ROBOTS_FAULTS } from '../../src/demo/faults/faults-robots.ts';
import { FAULTS } from '../../src/demo/faults/manifest.ts';
import { MOST_HEADER_BYTES } from '../../src/fetch/connection.ts';
import { COOKIE_LIMITS } from '../../src/fetch/cookie-jar.ts';
import { MOST_INTERIM } from '../../src/fetch/exchange.ts';
import { MOST_HOPS } from '../../src/fetch/redirect.ts';
import { MOST_HEADER_FIELDS } from '../../src/fetch/response-headers.ts';
import { MOST_LINKS } from '../../src/parse/links.ts';
import { MOST_TEXT } from '../../src/parse/visible-text.ts';
import { PAGE_TIMEOUT_MS } from '../../src/parse/pool.ts';
import { MOST_OCTETS } from '../../src/robots/octets.ts';
import { MOST_STEPS } from '../../src/robots/rules.ts';
import { MAX_URL_LENGTH } from '../../src/url/canonical.ts';
import { MIGRATIONS } from '../../src/store/migrations.ts';
import { CONTENTS_VIEW } from '../../src/store/schema/views.ts';
import { HELD_FAULTS } from './held-faults.ts';

/** The documents that hold rendered parts, or links that must lead somewhere. */
export const DOCUMENTS: readonly string[] = [
  'README.md',
  'ARCHITECTURE.md',
  'CHANGELOG.md',
  'docs/errors.md',
  'docs/concurrency.md',
  'docs/faults.md',
  'docs/patterns.md',
  'docs/safety.md',
];

const ROOT = new URL('../../', import.meta.url);

const PARTS: Readonly<Record<string, () => string>> = {
  commands,
  options: optionReference,
  exits,
  errors,
  skips,
  rejections,
  faults,
  held,
  limits,
  views,
};

/** A document as it is on disk. */
export function readDocument(name: string): string {
  return readFileSync(new URL(name, ROOT), 'utf8');
}

/** A document with every rendered part as it ought to be. @throws {Error} for the name of a part that nobody renders. */
export function renderedDocument(text: string): string {
  return text.replaceAll(
    /(<!-- begin (\w+) -->\n)[^]*?(<!-- end -->)/g,
    (_, begin: string, name: string, end: string) => {
      const render = PARTS[name];
      if (render === undefined) throw new Error(`nothing renders the part "${name}"`);
      return `${begin}\n${render().trimEnd()}\n\n${end}`;
    },
  );
}

/** The numbers of docs/safety.md, read off the code that keeps them. */
function limits(): string {
  const setting = (path: string): string => {
    const option = SETTINGS.get(path);
    if (option === undefined) throw new Error(`there is no setting ${path}`);
    return `${String(option.default ?? option.defaultText)} (\`${flagText(option)}\`)`;
  };
  const n = (value: number): string => value.toLocaleString('en');
  const rows: [string, string][] = [
    ['one attempt', setting('fetch.timeout')],
    ['all attempts at a URL', setting('fetch.deadline')],
    ['attempts after the first', setting('fetch.retries')],
    ['body, on the wire and decoded', setting('fetch.max-size')],
    ['response header', `${n(MOST_HEADER_BYTES)} bytes, ${n(MOST_HEADER_FIELDS)} fields`],
    ['interim answers (1xx)', n(MOST_INTERIM)],
    ['redirects in a row', n(MOST_HOPS)],
    ['length of a URL', `${n(MAX_URL_LENGTH)} characters`],
    ['parsing one page', `${n(PAGE_TIMEOUT_MS)} ms`],
    ['links kept of a page', n(MOST_LINKS)],
    ['text kept of a page', `${n(MOST_TEXT / 1e6)} MB`],
    ['bodies between fetch and commit', setting('pipeline.bytes-in-flight')],
    [
      'cookies',
      `${n(COOKIE_LIMITS.perSite)} a site, ${n(COOKIE_LIMITS.inAll)} in all, ${n(COOKIE_LIMITS.bytes)} bytes each (\`--no-cookies\`)`,
    ],
    ['cookies read of one answer', n(COOKIE_LIMITS.perAnswer)],
    ['Cookie header of a request', `${n(COOKIE_LIMITS.headerBytes)} bytes`],
    ['robots.txt', `${n(MOST_OCTETS)} bytes of it are read`],
    [
      'rules with `*` in robots.txt, times characters of a path',
      `${n(MOST_STEPS)}, rules that cannot match left out; beyond, the URL is forbidden`,
    ],
    ['fetches in flight at one host', setting('politeness.per-host')],
    ['from start to start at one host', setting('politeness.delay')],
  ];
  return ['| what | limit |', '|---|---|', ...rows.map((row) => `| ${row.join(' | ')} |`)].join('\n');
}

function commands(): string {
  const rows = COMMANDS.map(({ name, usage, summary, options }) => {
    // Options of a run that a command shares stand in the table of options.
    const own = name === 'run' ? [] : options.filter((option) => option.path === null && !isShared(option.flag));
    const flags = own.map((option) => `\`${flagText(option)}\``).join(' ');
    return [`\`${usage}\``, summary, flags];
  });
  return table(['command', 'what it does', 'options of its own'], rows);
}

function isShared(flag: string | null): boolean {
  return flag === 'help' || flag === 'version' || flag === 'config' || flag === 'set';
}

function exits(): string {
  return table(['code', 'meaning'], EXIT_CODE_TEXTS);
}

const AGAIN: Readonly<Record<RetryRule, string>> = { retries: 'as `--retries` says', once: 'once', never: 'no' };

function errors(): string {
  const rows = Object.entries(ERROR_CLASSES).map(([name, { retry, remedy }]) => [`\`${name}\``, AGAIN[retry], remedy]);
  return table(['class', 'tried again', 'what it means, what to do'], rows);
}

function skips(): string {
  return table(
    ['reason', 'it was never asked for because'],
    Object.entries(SKIP_REASONS).map(([name, meaning]) => [`\`${name}\``, meaning]),
  );
}

function rejections(): string {
  return table(
    ['reason', 'the line'],
    Object.entries(REJECT_REASONS).map(([name, meaning]) => [`\`${name}\``, meaning]),
  );
}

/** `test/integration/faults.test.ts` sees to it that the first class is how it ends. */
function faults(): string {
  const rows = [...FAULTS, ...ROBOTS_FAULTS]
    .toSorted((a, b) => a.row - b.row)
    .map(({ row, title, ends, recorded }) => {
      const [first = '', ...others] = ends.classes.map((name) => `\`${name}\``);
      const again = first === '`ok`' ? '' : AGAIN[ends.retry];
      const silence = ends.classes[0] === 'blocked-robots' ? 'the page not asked for' : 'no answer';
      const facts = [ends.status === null ? silence : `status ${ends.status}`, ...recorded.map(({ text }) => text)];
      return [String(row), title, [first, ...others].join(' or '), again, facts.join(', ')];
    });
  return table(['#', 'fault', 'ends as', 'tried again', 'recorded'], rows);
}

/** `test/unit/docs/faults.test.ts` sees to it that the tests are there. */
function held(): string {
  const rows = HELD_FAULTS.map(({ row, fault, end, tests }) => {
    const names = tests.map(([file, title]) => `\`${file}\`: ${title}`);
    return [String(row), fault, end, names.join('<br>')];
  });
  return table(['#', 'fault', 'ends as', 'held by'], rows);
}

/** Views with their columns, asked of a database as a run makes it. */
function views(): string {
  const db = new SQLite(':memory:');
  try {
    for (const step of MIGRATIONS) db.exec(step);
    db.exec(CONTENTS_VIEW);
    const found = db
      .prepare<[], [string, string]>("SELECT name, sql FROM sqlite_schema WHERE type = 'view' ORDER BY rowid")
      .raw()
      .all();
    const columns = db.prepare<[string], string>('SELECT name FROM pragma_table_info(?)').pluck();
    const rows = found.map(([name, sql]) => {
      const purpose = /-- (.+?)\.?\n/.exec(sql)?.[1] ?? '';
      return [
        `\`${name}\``,
        purpose,
        columns
          .all(name)
          .map((column) => `\`${column}\``)
          .join(' '),
      ];
    });
    return table(['view', 'holds', 'columns'], rows);
  } finally {
    db.close();
  }
}

/** A table in Markdown. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  // A bar would end the cell, also inside code.
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), `|${'---|'.repeat(head.length)}`, ...rows.map(line)].join('\n');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const name of DOCUMENTS) writeFileSync(new URL(name, ROOT), renderedDocument(readDocument(name)));
}
