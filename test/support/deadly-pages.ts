/**
 * A crawl in a process of its own, in which one page among innocent ones ends the thread that parses it
 * (`deadly-parser.mjs`). Checks that the others come to no harm, and gives back what became of that one.
 */
import { createServer } from 'node:http';
import { expect } from 'vitest';
import { cliFolder } from './cli.ts';
import { listen } from './listen.ts';

const INNOCENT = 24;
const PRELOAD = new URL('deadly-parser.mjs', import.meta.url).href;

export interface DeadlyPage {
  /** Its row of the view `urls`, with what the view `pages` has of it. */
  readonly row: Readonly<Record<string, unknown>>;
  /** What `crawl explain` tells of it. */
  readonly story: string;
  /** Times it was asked for. */
  readonly requests: number;
}

/** Crawls a page that says `deed` among others that do not. */
export async function crawlDeadlyPage(deed: string): Promise<DeadlyPage> {
  let requests = 0;
  const server = createServer((request, response) => {
    const path = request.url ?? '';
    if (path === '/deadly') requests++;
    const text = path === '/deadly' ? deed : 'innocent';
    // A charset for which the parser needs a decoder.
    response.setHeader('content-type', 'text/html; charset=windows-1251').end(`<title>${path}</title><p>${text}`);
  });
  const origin = `http://127.0.0.1:${await listen(server)}`;
  try {
    await using folder = await cliFolder();
    const paths = Array.from({ length: INNOCENT }, (_, n) => `/page/${String(n)}`);
    paths.splice(INNOCENT / 2, 0, '/deadly');
    await folder.write('list.txt', paths.map((path) => `${origin}${path}\n`).join(''));
    const options = { env: { NODE_OPTIONS: `--import ${PRELOAD}` }, timeoutMs: 80_000 };
    const run = await folder.crawlWith(options, '-i', 'list.txt', '-q');
    expect(run).toMatchObject({ code: 0, stderr: '' });
    expect((await folder.ask('verify')).code).toBe(0);

    const sql = `SELECT urls.url, urls.state, urls.reason, urls.attempts, title, parse_error, bytes, length(content(urls.url)) AS kept
                 FROM urls LEFT JOIN pages ON pages.url = urls.url`;
    const { stdout } = await folder.ask('query', sql, '--json');
    const rows = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(rows).toHaveLength(INNOCENT + 1);
    const row = rows.find(({ url }) => url === `${origin}/deadly`) ?? {};
    // Being lost by another page's deed is no attempt of one's own.
    for (const other of rows) {
      if (other !== row) expect(other).toMatchObject({ state: 'done', attempts: 1, parse_error: null });
    }
    const { stdout: story } = await folder.ask('explain', `${origin}/deadly`);
    return { row, story, requests };
  } finally {
    server.closeAllConnections();
    server.close();
  }
}
