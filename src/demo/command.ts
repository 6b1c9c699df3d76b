/**
 * `crawl demo`: starts the demo site, writes its list to `data/demo.txt` and runs `crawl` over it into a fresh
 * `data/demo.db`, as a process and with the command line printed, then names the queries worth typing next.
 * `--serve` only serves; `--crash` is in `crash.ts`, `--faults` in `faults/`. Own words go to stderr; stdout belongs to the crawl's `--json`.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { ConfigError } from '../model/errors.ts';
import { crawlWord, startCrawlProcess } from './crawl-process.ts';
import { crashDemo } from './crash.ts';
import { startDemoSite } from './server.ts';
import { DEMO_HOSTS, DEMO_PORT } from './site.ts';
import { demoUrls } from './urls.ts';

export interface DemoArguments {
  /** Serve on the fixed port until Ctrl-C, and crawl nothing. */
  readonly serve: boolean;
  /** A tenth of the speed. */
  readonly slow: boolean;
  /** Kill the crawl three times and hold its books against the server's. */
  readonly crash: boolean;
  /** Crawl everything that can go wrong instead. */
  readonly faults: boolean;
  readonly json: boolean;
}

const LIST = 'data/demo.txt';
/** Named after the list, as every run's database is. */
const DATABASE = 'data/demo.db';

/**
 * Resolves to the exit code: the crawl's own, or 1 when `--crash` finds the books wrong.
 * @throws ConfigError for two of `--serve`, `--crash`, `--faults`. @throws CrawlError when the fixed port is taken.
 */
export async function runDemo(args: DemoArguments): Promise<number> {
  const chosen = (['serve', 'crash', 'faults'] as const).filter((name) => args[name]).map((name) => `--${name}`);
  if (chosen.length > 1) throw new ConfigError([`${chosen.join(' and ')} do not go together`], 'ERR_USAGE');
  if (args.faults) return await (await import('./faults/command.ts')).faultsDemo({ json: args.json });
  const site = await startDemoSite({ port: args.serve ? DEMO_PORT : 0, speed: args.slow ? 0.1 : 1 });
  try {
    if (args.serve) return await serve(args.slow);
    const urls = demoUrls(site.port);
    await mkdir('data', { recursive: true });
    await writeFile(LIST, `# The demo site's list; the port is another one each time.\n${urls.join('\n')}\n`);
    const hosts = DEMO_HOSTS.map((host) => host.name).join(', ');
    say(
      `The demo site: ${urls.length.toLocaleString('en-US')} URLs at 127.0.0.1:${site.port}, which answers as ${hosts}.`,
    );
    if (args.crash) return await crashDemo({ site, urls, list: LIST, database: DATABASE, json: args.json });
    return await crawlOnce(site.port, args.json);
  } finally {
    await site.close();
  }
}

async function crawlOnce(port: number, json: boolean): Promise<number> {
  const args = ['--urls', LIST, '--fresh', '--force', ...(json ? ['--json'] : [])];
  say(`$ ${crawlWord()} ${args.join(' ')}\n`);
  const code = await startCrawlProcess(args).ended;
  if (code === 0) say(worthTyping(port));
  return code;
}

function worthTyping(port: number): string {
  const word = crawlWord();
  return `
Worth typing next:
  ${word} inspect ${DATABASE}
  ${word} inspect ${DATABASE} --errors
  ${word} query 'SELECT title, charset, words FROM pages ORDER BY bytes DESC LIMIT 5'
  ${word} query 'SELECT url, attempt, error_class, error FROM errors'
  ${word} cat http://docs.localhost:${port}/guide/1 --text
  sqlite3 ${DATABASE} 'SELECT * FROM sizes ORDER BY bytes DESC LIMIT 5'
  ${word} demo --crash      (kills the crawl three times and checks the books)
`;
}

async function serve(slow: boolean): Promise<number> {
  const word = crawlWord();
  say(`The demo site is at http://localhost:${DEMO_PORT}/${slow ? ', at a tenth of its speed' : ''} until Ctrl-C:`);
  for (const host of DEMO_HOSTS) say(`  ${host.name.padEnd(17)} ${host.purpose}`);
  say(`
In another terminal:
  ${word} --urls data/urls.txt
  ${word} http://shop.localhost:${DEMO_PORT}/product/1 --extract 'price=.price'
`);
  await new Promise<void>((resolve) => {
    process.once('SIGINT', resolve);
    process.once('SIGTERM', resolve);
  });
  return 0;
}

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}
