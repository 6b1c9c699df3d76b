/** Weir as a contestant: the command as users start it, in one variant a set of flags. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkDatabase } from './check-run.ts';
import type { Contestant, Task } from './contestant.ts';

const PROGRAM = fileURLToPath(new URL('../../bin/crawl.js', import.meta.url));

export function weir(flags: readonly string[]): Contestant {
  const database = ({ folder }: Task): string => join(folder, 'run.db');
  return {
    name: flags.length === 0 ? 'crawl (defaults)' : `crawl ${flags.join(' ')}`,
    isWeir: true,
    extracts: true,
    prepare: async (task) => ({
      program: process.execPath,
      args: [PROGRAM, '--urls', task.list, '-o', database(task), '-q', ...flags],
    }),
    check: async (task) => checkDatabase(database(task), task.site, task.extract),
  };
}
