/**
 * Config: the one table of options. In: nothing. Out: `OPTIONS`, in the order of `--help`, and lookups over it. Defaults
 * are written as a user would write them and are parsed by the same code. A test holds that every record reaches
 * `--help`, the config schema and the README's reference.
 */
import type { Option } from './option.ts';

export const OPTIONS: readonly Option[] = [
  {
    path: 'input.urls', flag: 'urls', short: 'i', group: 'Input', kind: 'paths', argument: 'FILE|-', default: null,
    help: 'list of URLs: text, CSV, TSV or JSONL, plain or .gz; - is stdin; repeatable',
    more: 'One URL a line; blank lines and lines starting with # are skipped, bad lines are recorded with their number and reason. Paths in a config file are relative to that file.',
  },
  {
    path: 'input.url-column', flag: 'url-column', group: 'Input', kind: 'column', argument: 'NAME|N', default: null,
    defaultText: 'the column named url, else the first that holds URLs',
    help: 'which column of a CSV, TSV or JSONL list holds the URL',
    more: 'A header name, or a number from 1. The other columns are kept in the view inputs.',
  },
  {
    path: 'input.url-pattern', flag: 'url-pattern', group: 'Input', kind: 'list', argument: 'PATTERN', default: null,
    help: "URLs from a pattern such as 'http://h/page{0..9}'; repeatable",
    more: '{A..B} counts from A to B; leading zeros are kept ({001..100}).',
  },
  {
    path: 'input.add', flag: 'add', group: 'Input', kind: 'boolean', default: false,
    help: 'put a different list into a file that already has one',
  },
  {
    path: 'limits.max-pages', flag: 'max-pages', group: 'Limits', kind: 'integer', min: 1, argument: 'N', default: null,
    defaultText: 'no limit', help: 'stop after this many pages; the rest stays queued (exit 4)',
  },
  {
    path: 'limits.max-bytes', flag: 'max-bytes', group: 'Limits', kind: 'size', min: 1, argument: 'SIZE', default: null,
    defaultText: 'no limit', help: 'stop after this many bytes from the network (exit 4)',
  },
  {
    path: 'limits.max-time', flag: 'max-time', group: 'Limits', kind: 'duration', min: 1, argument: 'DUR', default: null,
    defaultText: 'no limit', help: 'stop after this time (exit 4)',
  },
  {
    path: 'fetch.concurrency', flag: 'concurrency', short: 'c', group: 'Fetching', kind: 'integer', words: ['auto'], min: 1,
    max: 10_000, argument: 'N|auto', default: 'auto', defaultText: 'auto (32 in flight)',
    help: 'fetches in flight at once, over all hosts',
  },
  {
    path: 'fetch.timeout', flag: 'timeout', short: 't', group: 'Fetching', kind: 'duration', min: 1, argument: 'DUR',
    default: '30s', help: 'longest time for one attempt',
  },
  {
    path: 'fetch.deadline', flag: 'deadline', group: 'Fetching', kind: 'duration', min: 1, argument: 'DUR', default: '2m',
    help: 'longest time for all attempts at a URL together; waiting does not count',
  },
  {
    path: 'fetch.retries', flag: 'retries', group: 'Fetching', kind: 'integer', min: 0, max: 100, argument: 'N', default: 3,
    help: 'further attempts after a failure that may pass',
    more: 'Time-outs, resets, 408, 425, 429 and 5xx answers are tried again, later each time; the waiting is kept in the file.',
  },
  {
    path: 'fetch.max-size', flag: 'max-size', group: 'Fetching', kind: 'size', min: 1, argument: 'SIZE', default: '10MB',
    help: 'largest body, decoded; a larger one fails as too-large',
  },
  {
    path: 'fetch.headers', flag: 'header', short: 'H', group: 'Fetching', kind: 'headers', argument: "'K: V'", default: null,
    help: 'request header; repeatable',
    more: 'In a config file a map: headers: { Accept-Language: de }. Values of Authorization, Cookie and the like are never written to the file or shown.',
  },
  {
    path: 'fetch.user-agent', flag: 'user-agent', short: 'A', group: 'Fetching', kind: 'text', argument: 'TEXT',
    default: null, defaultText: 'weir-crawl/VERSION', help: 'User-Agent header',
  },
  {
    path: 'fetch.insecure', flag: 'insecure', short: 'k', group: 'Fetching', kind: 'boolean', default: false,
    help: 'accept any TLS certificate',
  },
  {
    path: 'fetch.http1', flag: 'http1', group: 'Fetching', kind: 'boolean', default: false,
    help: 'HTTP/1.1 only, also over TLS',
  },
  {
    path: 'politeness.per-host', flag: 'per-host', group: 'Politeness', kind: 'integer', min: 1, max: 10_000, argument: 'N',
    default: null, defaultText: '2; 16 for a private host', help: 'fetches in flight at one host',
  },
  {
    path: 'politeness.delay', flag: 'delay', group: 'Politeness', kind: 'duration', min: 0, argument: 'DUR', default: null,
    defaultText: '100ms; none for a private host', help: 'least time from start to start at one host',
  },
  {
    path: 'politeness.rate', flag: 'rate', group: 'Politeness', kind: 'rate', argument: 'N/s', default: null,
    defaultText: 'no limit', help: 'starts per second at one host',
    more: 'Also per minute or hour: 30/m. With --delay too, the slower of the two holds.',
  },
  {
    path: 'parse.parse', flag: 'parse', group: 'Parsing', kind: 'enum', words: ['full', 'links', 'none'],
    argument: 'full|links|none', default: 'full', help: 'how much of a page is read; size and SHA-256 always are',
  },
  {
    path: 'parse.parsers', flag: 'parsers', group: 'Parsing', kind: 'integer', min: 1, max: 256, argument: 'N', default: null,
    defaultText: 'cores − 2, at least 1', help: 'parser threads',
  },
  {
    path: 'parse.links', flag: 'links', group: 'Parsing', kind: 'enum', words: ['all', 'internal', 'none'],
    argument: 'all|internal|none', default: 'all', help: 'which links are stored',
  },
  {
    path: 'parse.text', flag: 'text', group: 'Parsing', kind: 'boolean', default: true, negated: true,
    help: 'do not keep the visible text of pages',
  },
  {
    path: 'extract', flag: 'extract', group: 'Parsing', kind: 'extract', argument: "'NAME=CSS'", default: null,
    help: 'one field of each page by CSS selector; repeatable',
    more: "NAME=CSS@ATTR takes an attribute, NAME[]=CSS all matches. The flags together form the data set extracted (a view of that name). In a config file: extract: { products: { rows: li.product, fields: { name: h3, link: { select: a, attr: href }, tags: { select: .tag, list: true } } } }; NAME: CSS directly under extract: is the short form, as the flag.",
  },
  {
    path: 'storage.output', flag: 'output', short: 'o', group: 'Storage', kind: 'path', argument: 'FILE.db', default: null,
    defaultText: 'data/NAME.db, after the list, host or config file',
    help: 'the database to write or to continue',
  },
  {
    path: 'storage.bodies', flag: 'bodies', group: 'Storage', kind: 'enum', words: ['packed', 'plain', 'none'],
    argument: 'packed|plain|none', default: 'packed',
    help: 'bodies compressed, readable in any SQLite tool, or not kept',
  },
  {
    path: 'storage.durable', flag: 'durable', group: 'Storage', kind: 'boolean', default: false,
    help: 'survive power loss too: sync to disk at every commit',
  },
  {
    path: 'storage.fresh', flag: 'fresh', group: 'Storage', kind: 'boolean', default: false,
    help: 'start over; needs --force if the file holds a run',
  },
  {
    path: 'storage.force', flag: 'force', group: 'Storage', kind: 'boolean', default: false,
    help: 'let --fresh remove what the file holds',
  },
  {
    path: 'display.progress', flag: 'progress', group: 'Display', kind: 'enum', words: ['auto', 'plain', 'none'],
    argument: 'auto|plain|none', default: 'auto',
    help: 'progress on stderr',
    more: 'auto: a line refreshed in place on a terminal, elsewhere a line every 10 s; plain: always lines.',
  },
  {
    path: 'display.json', flag: 'json', group: 'Display', kind: 'boolean', default: false,
    help: 'events as JSON lines on stdout',
  },
  {
    path: 'display.quiet', flag: 'quiet', short: 'q', group: 'Display', kind: 'boolean', default: false,
    help: 'only errors',
  },
  {
    path: 'display.verbose', flag: 'verbose', short: 'v', group: 'Display', kind: 'boolean', default: false,
    defaultText: 'on for at most 20 URLs', help: 'a line when each URL starts, finishes or fails',
  },
  {
    path: null, flag: 'config', group: 'Misc', kind: 'path', argument: 'FILE', default: null,
    help: 'settings from a YAML or JSON file',
    more: 'The same keys as the flags, in groups; crawl config schema prints the JSON Schema.',
  },
  {
    path: 'pipeline.queue-size', flag: 'queue-size', group: 'Misc', kind: 'integer', min: 1, max: 1_000_000, argument: 'N',
    default: 1000, help: 'URLs ready to be fetched',
  },
  {
    path: 'pipeline.page-queue', flag: null, group: 'Misc', kind: 'integer', min: 1, max: 100_000, argument: 'N',
    default: 256, help: 'fetched pages waiting to be parsed and stored',
  },
  {
    path: 'pipeline.bytes-in-flight', flag: null, group: 'Misc', kind: 'size', min: 65_536, argument: 'SIZE',
    default: '64MB', help: 'body bytes between fetch and commit',
  },
  {
    path: null, flag: 'set', group: 'Misc', kind: 'list', argument: 'KEY=VALUE', default: null,
    help: 'any config key, as fetch.timeout=10s; repeatable',
  },
  {
    path: 'input.strict', flag: 'strict', group: 'Misc', kind: 'boolean', default: false,
    help: 'a bad line in a list stops the run (exit 2)',
  },
  {
    path: 'run.fail-on-error', flag: 'fail-on-error', group: 'Misc', kind: 'boolean', default: false,
    help: 'exit 3 if any URL failed, not only if all did',
  },
  {
    path: null, flag: 'help', short: 'h', group: 'Misc', kind: 'boolean', default: false, help: 'show this help',
  },
  {
    path: null, flag: 'version', short: 'V', group: 'Misc', kind: 'boolean', default: false, help: 'show the version',
  },
];

/** An option that is a setting: it has a place in config files. */
export type Setting = Option & { readonly path: string };

/** The settings among the options, by their path in a config file. */
export const SETTINGS: ReadonlyMap<string, Setting> = new Map(
  OPTIONS.filter((option): option is Setting => option.path !== null).map((option) => [option.path, option]),
);

/** The key alone: `max-size` of `fetch.max-size`. */
export function keyOf(setting: Setting): string {
  return setting.path.slice(setting.path.indexOf('.') + 1);
}

/** Name of the environment variable: `fetch.max-size` → `CRAWL_FETCH__MAX_SIZE`. */
export function environmentName(path: string): string {
  return `CRAWL_${path.replaceAll('.', '__').replaceAll('-', '_').toUpperCase()}`;
}

/** The flag as it is typed: `--concurrency`, `--no-text`; for a key without a flag `--set pipeline.page-queue`. */
export function flagText(option: Option): string {
  if (option.flag === null) return `--set ${String(option.path)}`;
  return `--${option.negated === true ? 'no-' : ''}${option.flag}`;
}
