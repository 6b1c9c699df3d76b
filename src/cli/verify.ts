/** Command line: `crawl verify [DB]`. Differences to stdout, one a line or as JSON; exit code 6 where there are any. */
import { urlSum } from '../report/books.ts';
import { escapeControl, safeJson } from '../report/escape.ts';
import { count } from '../report/numbers.ts';
import type { Invocation } from './command.ts';
import { databaseFile, shownPath } from './database-file.ts';
import { EXIT } from './exit-codes.ts';

/** @throws {StoreError} where the file is not a usable database. */
export async function verifyCommand(invocation: Invocation): Promise<number> {
  const { flags, words, terminal, cwd } = invocation;
  const file = databaseFile(invocation, words[0]);
  const shown = shownPath(file, cwd);
  const { openReader } = await import('../store/reader.ts');
  const reader = openReader(file);
  try {
    const { urls } = reader.books();
    const differences = reader.verify();
    if (flags['json'] === true) terminal.line(safeJson({ file, urls, differences }, undefined, 2));
    else {
      for (const { check, subject, message } of differences) {
        terminal.line(escapeControl(`${check}  ${subject}: ${message}`));
      }
      if (differences.length === 0)
        terminal.line(`${shown} is sound: URLs: ${urlSum(urls)}; both books balance, every body has its SHA-256`);
      else terminal.say(`${shown}: ${count(differences.length)} differences`);
    }
    return differences.length === 0 ? EXIT.finished : EXIT.differences;
  } finally {
    reader.close();
  }
}
