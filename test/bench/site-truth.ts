/**
 * Job C crawls one site from its start page; this is the list of pages that it must find: what can be reached from the start
 * page by `a` and `area` links. Found by a plain walk over the files with htmlparser2, none of Weir's own code.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Parser } from 'htmlparser2';
import type { BenchDocument } from './documents.ts';

/** Paths of all pages reached from `start`, itself included; `root` holds the documents as they are served. */
export async function reachablePaths(
  root: string,
  documents: readonly BenchDocument[],
  start: string,
): Promise<string[]> {
  const known = new Set(documents.map(({ path }) => path));
  const reached = new Set([start]);
  // A Set yields what is added while it is walked.
  for (const path of reached) {
    const html = await readFile(join(root, decodeURIComponent(path)), 'utf8');
    for (const target of linkedPaths(html, path)) if (known.has(target)) reached.add(target);
  }
  return [...reached].sort();
}

function linkedPaths(html: string, path: string): string[] {
  let base = new URL(path, 'http://site.invalid');
  const paths: string[] = [];
  const parser = new Parser({
    onopentag: (name, { href }) => {
      const url = href === undefined ? null : URL.parse(href, base.href);
      if (url === null) return;
      if (name === 'base') base = url;
      else if ((name === 'a' || name === 'area') && url.host === base.host) paths.push(url.pathname);
    },
  });
  parser.end(html);
  return paths;
}
