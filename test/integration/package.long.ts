/** The package installed by npm into an empty folder, dependencies from the registry (or npm's cache): does it run there? */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import type { Server } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import * as project from '../support/package.ts';

let folder: string;
let home: string;
let site: { readonly url: string; readonly server: Server };

beforeAll(async () => {
  folder = await project.temporaryFolder();
  const tarball = await project.pack(folder);
  home = join(folder, 'home');
  await mkdir(home);
  await writeFile(join(home, 'package.json'), '{ "name": "consumer", "private": true, "type": "module" }\n');
  await project.must(home, 'npm', 'install', '--prefer-offline', '--no-audit', '--no-fund', tarball);
  site = await project.onePageSite();
}, 300_000);

afterAll(async () => {
  site.server.closeAllConnections();
  site.server.close();
  await rm(folder, { recursive: true, force: true });
});

test.each(['crawl', 'weir'])('%s tells its version and crawls', async (command) => {
  const { version } = await project.manifest();
  const said = await project.must(home, process.execPath, join(home, 'node_modules/.bin', command), '--version');
  expect(said.trim()).toBe(version);
  expect(await project.crawlThreePages(home, command, site.url)).toEqual(project.THREE_PAGES);
});

test('the library yields pages', async () => {
  await writeFile(join(home, 'use.js'), project.libraryProgram(`${site.url}/x`));
  expect(await project.must(home, process.execPath, 'use.js')).toBe('done Page /x\n');
});

test('the demo runs: its site, its list and its crawl are all in the package', async () => {
  const { code, stderr } = await project.run(home, process.execPath, join(home, 'node_modules/.bin/crawl'), 'demo');
  expect(stderr).toContain('2,000 known = 0 queued');
  expect(code).toBe(0);
});
