/**
 * The example configs as a reader runs them: each against the demo site on its fixed port. Databases go to a folder of the
 * test's own. Where the port is taken the whole file fails with that message: `crawl demo --serve` may be running.
 */
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { startDemoSite, type DemoServer } from '../../src/demo/server.ts';
import { demoProduct } from '../../src/demo/shop-host.ts';
import { DEMO_PORT, DEMO_SEED } from '../../src/demo/site.ts';
import { cliFolder, type CliFolder } from '../support/cli.ts';
import { snapshotOf } from '../support/database-snapshot.ts';

const CONFIGS = fileURLToPath(new URL('../../config/', import.meta.url));
const DATA = fileURLToPath(new URL('../../data/', import.meta.url));

let site: DemoServer;

beforeAll(async () => {
  site = await startDemoSite({ port: DEMO_PORT });
});

// Undefined where the port was taken.
afterAll(async () => await (site as DemoServer | undefined)?.close());

function rows(folder: CliFolder, sql: string): unknown[] {
  const db = new Database(path.join(folder.path, 'out.db'), { readonly: true });
  try {
    return db.prepare<[], unknown>(sql).all();
  } finally {
    db.close();
  }
}

/** Runs the config to its end, into `out.db`, and expects every URL of it to be settled. */
async function run(folder: CliFolder, config: string): Promise<void> {
  const before = readdirSync(DATA);
  const { code, stderr } = await folder.crawl('--config', path.join(CONFIGS, config), '-o', 'out.db');
  expect(code, stderr).toBe(0);
  expect(readdirSync(DATA)).toEqual(before);
  expect(snapshotOf(path.join(folder.path, 'out.db')).differences).toEqual([]);
}

test('there is a test for each example', () => {
  expect(readdirSync(CONFIGS).sort()).toEqual(['full.yaml', 'minimal.yaml', 'polite.yaml', 'shop.yaml']);
});

test('minimal.yaml settles the list it names', async () => {
  await using folder = await cliFolder();
  await run(folder, 'minimal.yaml');
  expect(rows(folder, 'SELECT state, count(*) AS urls FROM urls GROUP BY state ORDER BY state')).toEqual([
    { state: 'done', urls: 56 },
    { state: 'failed', urls: 5 },
  ]);
});

test('polite.yaml fetches eight pages of each of its two sites, half a second apart', async () => {
  await using folder = await cliFolder();
  await run(folder, 'polite.yaml');
  expect(rows(folder, 'SELECT host, urls, done FROM hosts ORDER BY host')).toEqual([
    { host: 'busy.localhost', urls: 8, done: 8 },
    { host: 'docs.localhost', urls: 8, done: 8 },
  ]);
  const [span] = rows(
    folder,
    "SELECT max(started_at) - min(started_at) AS ms FROM fetch JOIN url ON url.id = fetch.url_id WHERE url.url LIKE '%//docs.%'",
  );
  expect((span as { ms: number }).ms).toBeGreaterThanOrEqual(7 * 490);
});

test('shop.yaml makes a row of each product, of each link and of each heading', async () => {
  await using folder = await cliFolder();
  await run(folder, 'shop.yaml');
  const products = rows(folder, 'SELECT sku, name, price, description, tags FROM products ORDER BY sku');
  expect(products).toEqual(
    Array.from({ length: 40 }, (_, index) => {
      const { tags, ...product } = demoProduct(DEMO_SEED, index + 1);
      return { ...product, tags: JSON.stringify(tags) };
    }),
  );
  // Of a product page: the shop, its category, six other products. Of a category page: its twenty products.
  expect(rows(folder, 'SELECT dataset, count(*) AS rows FROM items GROUP BY dataset ORDER BY dataset')).toEqual([
    { dataset: 'extracted', rows: 42 },
    { dataset: 'links_seen', rows: 40 * 8 + 2 * 20 },
    { dataset: 'products', rows: 40 },
  ]);
});

test('full.yaml settles the list and the pattern it names', async () => {
  await using folder = await cliFolder();
  await run(folder, 'full.yaml');
  const states = rows(folder, 'SELECT state, count(*) AS urls FROM urls GROUP BY state');
  expect(states).toEqual([{ state: 'done', urls: 10 }]);
  expect(rows(folder, 'SELECT count(*) AS rows FROM headings')).toEqual([{ rows: 10 }]);
});
