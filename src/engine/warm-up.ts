/** The threads of every run, started before anything is known of it: they load their code while this one reads the settings. */
import { availableParallelism } from 'node:os';
import { parserThread } from '../parse/thread.ts';
import { storeThread } from '../store/thread.ts';

/** For a process that is about to crawl. The next crawl takes them; where none follows, they hold nothing back. */
export function warmUp(): void {
  storeThread.warm();
  if (availableParallelism() > 2) parserThread.warm();
}
