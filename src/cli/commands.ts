/**
 * Command line: the table of commands, in the order of `--help`. Texts and options only; `load` brings the code.
 */
import type { Option } from '../config/option.ts';
import { OPTIONS } from '../config/options.ts';
import type { Command } from './command.ts';

/** An option of one command alone; it is no setting. */
function own(option: Pick<Option, 'flag' | 'kind' | 'help'> & Partial<Option>): Option {
  return { path: null, group: 'Misc', default: option.kind === 'boolean' ? false : null, ...option };
}

const HELP: readonly Option[] = OPTIONS.filter(({ flag }) => flag === 'help' || flag === 'version');
const DB = own({
  flag: 'db',
  kind: 'path',
  argument: 'FILE',
  help: 'the database',
  defaultText: 'CRAWL_DB, else the newest in data/',
});
const JSON_OUT = own({ flag: 'json', kind: 'boolean', help: 'as JSON' });

const RETRY_SKIPS = new Set<string | null>([
  'add',
  'output',
  'fresh',
  'force',
  'urls',
  'url-column',
  'url-pattern',
  'strict',
]);

/** Of the commands that crawl: the heap first, then the threads. */
async function warmUp(): Promise<void> {
  const { growYoungGeneration } = await import('./heap.ts');
  growYoungGeneration();
  (await import('../engine/warm-up.ts')).warmUp();
}

export const COMMANDS: readonly Command[] = [
  {
    name: 'run',
    usage: 'crawl [run] [URL..] [options]',
    summary: 'fetch every URL of a list and store pages, sizes, links and errors in one SQLite file',
    isForNewcomers: true,
    options: OPTIONS,
    examples: [
      ['crawl --urls list.txt', 'writes data/list.db; the same command again goes on where it stopped'],
      ['crawl https://example.com/ -o site.db', 'URLs on the command line, a file of your choice'],
      ["crawl -i shop.csv --extract 'price=.price'", 'one column of a CSV file; a field of each page'],
    ],
    maxWords: Number.POSITIVE_INFINITY,
    warmUp,
    load: async () => (await import('./run.ts')).runCommand,
  },
  {
    name: 'inspect',
    usage: 'crawl inspect [DB] [options]',
    summary: 'show what a database holds: both books, errors, hosts, the largest pages',
    isForNewcomers: true,
    options: [
      own({ flag: 'largest', kind: 'integer', min: 1, argument: 'N', help: 'the N largest pages' }),
      own({ flag: 'errors', kind: 'boolean', help: 'failed attempts' }),
      own({ flag: 'hosts', kind: 'boolean', help: 'hosts with their URLs' }),
      JSON_OUT,
      DB,
      ...HELP,
    ],
    examples: [
      ['crawl inspect', 'the newest database in data/'],
      ['crawl inspect data/list.db --largest 10', 'the ten largest pages'],
      ['crawl inspect --errors --json', 'failed attempts for a program'],
    ],
    maxWords: 1,
    load: async () => (await import('./inspect.ts')).inspectCommand,
  },
  {
    name: 'cat',
    usage: 'crawl cat URL [options]',
    summary: 'write the stored content of a URL to stdout, byte for byte',
    isForNewcomers: true,
    options: [
      own({ flag: 'text', kind: 'boolean', help: 'its visible text' }),
      own({ flag: 'headers', kind: 'boolean', help: 'status and response headers' }),
      own({ flag: 'raw', kind: 'boolean', help: 'the body as it came over the wire, still compressed' }),
      DB,
      ...HELP,
    ],
    examples: [
      ['crawl cat https://example.com/ | sha256sum', 'the decoded body'],
      ['crawl cat https://example.com/ --text', 'what a reader sees of it'],
      ['crawl cat https://example.com/ --headers --db site.db', 'status and headers, from another file'],
    ],
    maxWords: 1,
    load: async () => (await import('./cat.ts')).catCommand,
  },
  {
    name: 'explain',
    usage: 'crawl explain URL.. [options]',
    summary: 'tell all that happened to a URL: where it came from, each attempt, why it ended as it did',
    isForNewcomers: false,
    options: [own({ flag: 'json', kind: 'boolean', help: 'one JSON object a URL' }), DB, ...HELP],
    examples: [
      ['crawl explain https://example.com/page', 'its story, from the newest database in data/'],
      ['crawl explain example.com/page --db site.db', 'as people write it, from another file'],
      ['crawl explain https://example.com/a https://example.com/b --json', 'for a program'],
    ],
    maxWords: Number.POSITIVE_INFINITY,
    load: async () => (await import('./explain.ts')).explainCommand,
  },
  {
    name: 'query',
    usage: "crawl query 'SELECT …' [DB] [options]",
    summary: 'ask a database with SQL; content(url) gives a stored body',
    isForNewcomers: true,
    options: [
      own({ flag: 'json', kind: 'boolean', help: 'one JSON object a row' }),
      own({ flag: 'csv', kind: 'boolean', help: 'CSV with a header line' }),
      DB,
      ...HELP,
    ],
    examples: [
      ["crawl query 'SELECT url, bytes FROM pages ORDER BY bytes DESC LIMIT 5'", 'a table; tab-separated in a pipe'],
      ["crawl query 'SELECT * FROM links' --csv > links.csv", 'all links'],
      ["crawl query 'SELECT error_class, count(*) FROM errors GROUP BY 1' data/list.db", 'which errors there were'],
    ],
    maxWords: 2,
    load: async () => (await import('./query.ts')).queryCommand,
  },
  {
    name: 'export',
    usage: 'crawl export files -o DIR [DB] [options]',
    summary: 'write stored pages out as files, each body byte for byte as the server sent it',
    isForNewcomers: true,
    options: [
      own({ flag: 'output', short: 'o', kind: 'path', argument: 'DIR', help: 'the folder; made where it is missing' }),
      own({
        flag: 'name',
        kind: 'text',
        argument: 'TEMPLATE',
        help: 'names of the files: {host} {path} {title} {sha256} {id} {ext}, or any other column of the list',
        defaultText: '{host}/{path}',
        more: 'A column goes before a field of the same name; {path} gets index.html or an extension where it has none; a name that is taken gets (2)',
      }),
      own({
        flag: 'status',
        kind: 'text',
        argument: 'CODE',
        help: 'pages with this answer, as 404, 5xx or 200-599',
        defaultText: 'those of URLs that are done',
      }),
      own({ flag: 'force', kind: 'boolean', help: 'replace files of other content' }),
      own({ flag: 'list', kind: 'boolean', help: 'print each file with its URL, tab-separated' }),
      own({ flag: 'json', kind: 'boolean', help: 'the summary as JSON' }),
      DB,
      ...HELP,
    ],
    examples: [
      ['crawl export files -o pages/', 'pages/example.com/about.html and so on'],
      ["crawl export files --name '{name}.html' -o pages/ list.db", 'named after a column of the list'],
      ["crawl export files --name '{sha256}.{ext}' -o pages/ --list", 'and which file is which URL'],
    ],
    maxWords: 2,
    load: async () => (await import('./export.ts')).exportCommand,
  },
  {
    name: 'retry',
    usage: 'crawl retry [DB] [options]',
    summary: 'try failed URLs again, with the settings of the last run under the flags given',
    isForNewcomers: true,
    options: [
      own({
        flag: 'error',
        kind: 'text',
        group: 'Input',
        argument: 'CLASS',
        help: 'only this error class, as connect-refused',
      }),
      own({
        flag: 'status',
        kind: 'text',
        group: 'Input',
        argument: 'CODE',
        help: 'only this answer: 404, 5xx or 500-599',
      }),
      own({ flag: 'host', kind: 'text', group: 'Input', argument: 'NAME', help: 'only this host' }),
      { ...DB, group: 'Storage' },
      ...OPTIONS.filter(({ flag }) => !RETRY_SKIPS.has(flag)),
    ],
    examples: [
      ['crawl retry', 'all failed URLs of the newest database in data/'],
      ['crawl retry data/list.db --status 5xx', 'only those the server failed on'],
      ['crawl retry --error connect-timeout -t 60s', 'with more time'],
    ],
    maxWords: 1,
    warmUp,
    load: async () => (await import('./retry.ts')).retryCommand,
  },
  {
    name: 'demo',
    usage: 'crawl demo [options]',
    summary: 'crawl a small web of six hosts that comes with the program, without the internet',
    isForNewcomers: true,
    options: [
      own({ flag: 'serve', kind: 'boolean', help: 'only serve it, on port 8321' }),
      own({ flag: 'slow', kind: 'boolean', help: 'at a tenth of the speed' }),
      own({
        flag: 'crash',
        kind: 'boolean',
        help: 'kill the crawl three times and compare its books with the server’s',
      }),
      own({
        flag: 'faults',
        kind: 'boolean',
        help: 'crawl a server that does everything wrong, and check what each fault ended as',
      }),
      own({ flag: 'json', kind: 'boolean', help: 'events as JSON lines' }),
      ...HELP,
    ],
    examples: [
      ['crawl demo', 'about 2,000 pages in 8 seconds, into data/demo.db'],
      ['crawl demo --crash', 'what kill -9 does: nothing lost, nothing twice'],
      ['crawl demo --faults', 'a hundred faults in one run, each in its class'],
    ],
    maxWords: 0,
    load: async () => (await import('./demo.ts')).demoCommand,
  },
  {
    name: 'verify',
    usage: 'crawl verify [DB] [options]',
    summary: 'add both books up again and check every body against its SHA-256',
    isForNewcomers: false,
    options: [JSON_OUT, DB, ...HELP],
    examples: [
      ['crawl verify', 'the newest database in data/'],
      ['crawl verify data/list.db --json', 'differences for a program'],
      ['crawl verify && cp data/list.db backup.db', 'exit code 6 where something differs'],
    ],
    maxWords: 1,
    load: async () => (await import('./verify.ts')).verifyCommand,
  },
  {
    name: 'config',
    usage: 'crawl config show|check|schema [FILE] [options]',
    summary: 'show the settings a run would have, check a config file, print its JSON Schema',
    isForNewcomers: false,
    options: [
      own({ flag: 'origin', kind: 'boolean', help: 'show: where each value comes from' }),
      own({ flag: 'events', kind: 'boolean', help: 'schema: of the events of --json instead' }),
      ...OPTIONS,
    ],
    examples: [
      ['crawl config show --origin -c 50', 'every setting, and where its value comes from'],
      ['crawl config check config/polite.yaml', 'all problems of a file at once'],
      ['crawl config schema > crawl.schema.json', 'for completion in an editor'],
    ],
    maxWords: 2,
    load: async () => (await import('./config.ts')).configCommand,
  },
  {
    name: 'lab',
    usage: 'crawl lab [NAME] [options]',
    summary:
      'run an experiment of the concurrency laboratory: races, deadlocks, queues, pools, on the engine’s own parts',
    isForNewcomers: false,
    options: [
      own({ flag: 'all', kind: 'boolean', help: 'run every experiment, broken variants too' }),
      own({
        flag: 'report',
        kind: 'boolean',
        help: 'draw what runs (all, or NAME) as one HTML page: --report [FILE.html], else data/lab.html',
      }),
      own({ flag: 'broken', kind: 'boolean', help: 'with the defect it was written with' }),
      own({ flag: 'fixed', kind: 'boolean', help: 'without it, as is the default' }),
      own({
        flag: 'seed',
        kind: 'integer',
        min: 0,
        argument: 'N',
        default: 1,
        help: 'draws the order in which tasks run; the same seed, the same run',
      }),
      own({
        flag: 'schedules',
        kind: 'integer',
        min: 1,
        max: 100_000,
        argument: 'N',
        help: 'run it under N seeds and count how often it went wrong',
      }),
      own({ flag: 'real', kind: 'boolean', help: 'wait in real time where the clock would be virtual' }),
      own({ flag: 'ascii', kind: 'boolean', help: 'draw with plain characters' }),
      own({ flag: 'json', kind: 'boolean', help: 'the whole result as JSON' }),
      ...HELP,
    ],
    narrowed: async (argv) => await (await import('./lab.ts')).labText(argv),
    examples: [
      ['crawl lab', 'the experiments, by topic'],
      ['crawl lab deadlock --broken', 'two tasks that wait for each other, and the cycle'],
      ['crawl lab --report', 'all of them as one page, data/lab.html'],
    ],
    maxWords: 2,
    load: async () => (await import('./lab.ts')).labCommand,
  },
  {
    name: 'help',
    usage: 'crawl help [all|COMMAND]',
    summary: 'show help: for newcomers, for everything, or for one command',
    isForNewcomers: false,
    options: HELP,
    examples: [
      ['crawl help', 'the commands to start with'],
      ['crawl help all', 'all commands, options in full, exit codes'],
      ['crawl help query', 'one command'],
    ],
    maxWords: 1,
    load: async () => (await import('./help-command.ts')).helpCommand,
  },
];

/** A command by its name. */
export function findCommand(name: string): Command | undefined {
  return COMMANDS.find((command) => command.name === name);
}
