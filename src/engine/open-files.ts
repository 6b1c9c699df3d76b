/**
 * How many connections this process may have open, by its limit of open files. Threads and the database open theirs while
 * fetches are under way, and cannot wait: they get their share first.
 */
import { readdirSync, readFileSync } from 'node:fs';

/** The database with its journals, the parser threads' queues and the files of modules they load, standard streams. */
const RESERVED = 40;

/** At least 1; `null` where the system does not tell. */
export function connectionsAllowed(): number | null {
  try {
    const limit = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1];
    return limit === undefined ? null : Math.max(1, Number(limit) - readdirSync('/proc/self/fd').length - RESERVED);
  } catch {
    // Only Linux has these files. Elsewhere the limit shows when it is reached.
    return null;
  }
}
