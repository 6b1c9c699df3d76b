/**
 * What has to go when a benchmark ends, also where Ctrl-C, SIGTERM or an error ends it: folders it made, processes it started.
 * Only what can be done at once: while a process exits nothing is waited for.
 */
import { constants } from 'node:os';

const actions = new Set<() => void>();

process.once('exit', () => {
  for (const action of actions) action();
});
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => process.exit(128 + constants.signals[signal]));
}

/** Has `action` done at the exit. What is returned takes that back. */
export function atExit(action: () => void): () => void {
  actions.add(action);
  return () => actions.delete(action);
}
