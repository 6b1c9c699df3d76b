/**
 * Command line: are the words of a run URLs? A mistyped command is not fetched as a host of that name, and a file's name is
 * not a URL.
 */
import { existsSync, statSync } from 'node:fs';
import path from 'node:path';

import { suggest } from '../config/suggest.ts';
import { ConfigError } from '../model/errors.ts';
import { COMMANDS } from './commands.ts';

/** @throws {ConfigError} `ERR_USAGE` naming every word that cannot be a URL. */
export function refuseOtherThanUrls(words: readonly string[], cwd: string): void {
  const problems = words.filter((word) => !looksLikeUrl(word)).map((word) => problemOf(word, cwd));
  if (problems.length > 0) throw new ConfigError(problems, 'ERR_USAGE');
}

/** Whether it could be meant as a URL or a bare host; whether it is one, the producer finds out. */
function looksLikeUrl(word: string): boolean {
  return /[./:[]/.test(word) || word.toLowerCase() === 'localhost';
}

function problemOf(word: string, cwd: string): string {
  const file = path.resolve(cwd, word);
  if (existsSync(file) && statSync(file).isFile()) return `${word} is a file; did you mean --urls ${word}?`;
  const meant = suggest(
    word,
    COMMANDS.map(({ name }) => name),
  );
  const remedy = meant === null ? 'crawl --help shows the commands' : `did you mean crawl ${meant}?`;
  return `unknown command ${JSON.stringify(word)}; ${remedy} (A URL is written https://${word === '' ? 'host' : word}/)`;
}
