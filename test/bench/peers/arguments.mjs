/** What each script of a Node peer is called with; its library is taken from the folder of the benchmark's own installs. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const [list, folder, mode, concurrency] = process.argv.slice(2);

export const urls = readFileSync(list, 'utf8').trim().split('\n');
export const extracting = mode === 'extract';
export const connections = Number(concurrency);
export const fileOf = (number) => join(folder, String(number));
export const extractsFile = join(folder, 'pages.jsonl');

/** Imports a package from the folder named by WEIR_BENCH_PEERS. */
export function importPeer(name) {
  const { resolve } = createRequire(join(process.env.WEIR_BENCH_PEERS, 'package.json'));
  return import(pathToFileURL(resolve(name)).href);
}
