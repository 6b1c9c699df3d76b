/**
 * A crawl in a process of its own, in which one page among innocent ones ends the thread that parses it
 * (`deadly-parser.mjs`). Whoever runs it asserts what became of all of them.
 */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { expect } from 'vitest';
import { ERROR_CLASSES, type ErrorClass } from '../../src/model/error-codes.ts';
import { cliFolder } from './cli.ts';

const INNOCENT = 24;
const PRELOAD = pathToFileURL(fileURLToPath(new URL('deadly-parser.mjs', import.meta.url))).href;

/** Runs the crawl and checks every row of it. `deed` is what the page says, `parseError` what it is to be stored with. */
export async function survivesPage(deed: string, parseError: ErrorClass): Promise<void> {
  const requests = new Map<string, number>();
  const server = createServer((request, response) => {
    const path = request.url ?? '';
    requests.set(path, (requests.get(path) ?? 0) + 1);
    const text = path === '/deadly' ? deed : 'innocent';
    response.setHeader('content-type', 'text/html').end(`<title>${path}</title><p>${text}`);
  });
  const origin = await listening(server);
  try {
    await using folder = await cliFolder();
    const paths = Array.from({ length: INNOCENT }, (_, n) => `/page/${String(n)}`);
    paths.splice(INNOCENT / 2, 0, '/deadly');
    await folder.write('list.txt', paths.map((path) => `${origin}${path}\n`).join(''));
    const run = await folder.crawlWith(
      { env: { NODE_OPTIONS: `--import ${PRELOAD}` }, timeoutMs: 60_000 },
      '-i',
      'list.txt',
      '-q',
    );
    expect(run).toMatchObject({ code: 0, stderr: '' });

    const sql = `SELECT url, state, attempts, title, parse_error, bytes, length(content(url)) AS kept FROM pages ORDER BY url`;
    const { stdout } = await folder.crawl('query', sql, '--json');
    const rows = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(rows).toHaveLength(INNOCENT + 1);
    for (const row of rows) {
      const isDeadly = row['url'] === `${origin}/deadly`;
      // Being thrown back by another page's deed is no attempt of one's own.
      expect(row).toMatchObject({ state: 'done', attempts: 1, parse_error: isDeadly ? parseError : null });
      expect(row['kept']).toBe(row['bytes']);
      if (!isDeadly) expect(row['title']).not.toBeNull();
    }
    // Once to be parsed, once more without.
    expect(requests.get('/deadly')).toBe(2);

    const story = await folder.crawl('explain', `${origin}/deadly`);
    expect(story.stdout).toContain(`but not parsed, ${parseError}: ${ERROR_CLASSES[parseError].remedy}`);
    expect(story.stdout).toContain('crawl cat ');
    expect((await folder.crawl('verify')).code).toBe(0);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

async function listening(server: Server): Promise<string> {
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
}
