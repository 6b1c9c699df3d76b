/**
 * Config: where a run's database goes when nobody said so. In: what is crawled. Out: `data/NAME.db` under the working
 * folder, named after the list on the command line, the host of the URLs, or the config file.
 */
import path from 'node:path';

export interface Sources {
  /** Lists, absolute or '-', and whether they were named on the command line (and not in a config file). */
  readonly urls: readonly string[];
  readonly seeds: readonly string[];
  readonly patterns: readonly string[];
  /** Lists and patterns come from the config file or the environment. */
  readonly fromConfig: boolean;
  readonly configFile: string | null;
}

/** Absolute path of the default output; `null` when there is nothing to crawl. */
export function defaultOutput(sources: Sources, cwd: string): string | null {
  const name = outputName(sources);
  return name === null ? null : path.join(cwd, 'data', `${name}.db`);
}

function outputName(sources: Sources): string | null {
  const [list] = sources.urls;
  const [url] = [...sources.seeds, ...sources.patterns];
  if (list === undefined && url === undefined) return null;
  if (sources.fromConfig && sources.configFile !== null) return baseName(sources.configFile);
  if (list !== undefined) return list === '-' ? 'stdin' : baseName(list);
  return hostName(url ?? '');
}

/** `lists/pages.csv.gz` → `pages`. */
function baseName(file: string): string {
  const base = path.basename(file);
  const stem = base.replace(/(\.(gz|txt|csv|tsv|jsonl|ndjson|json|ya?ml|lst|urls))+$/i, '');
  return stem === '' ? base : stem;
}

function hostName(text: string): string {
  // A pattern's braces are no part of a host: page{0..9} stands in the path, or www{1..3} in the name.
  const plain = text.replaceAll(/\{[^}]*\}/g, '');
  const url = URL.parse(/^[a-z][a-z0-9+.-]*:\/\//i.test(plain) ? plain : `https://${plain}`);
  const name = url === null ? '' : url.hostname.replaceAll(/[^a-z0-9.-]/gi, '-').replaceAll(/^[.-]+|[.-]+$/g, '');
  return name === '' ? 'crawl' : name.slice(0, 100);
}
