/**
 * Concurrency: which locks the running code holds, by async context.
 *
 * A thread-based language asks "which thread am I on?". Here one thread runs everything, so the question is "within which
 * call am I?": `AsyncLocalStorage` carries a value along from a function into everything it calls and awaits. Each
 * exclusive section adds one link to a chain; a section that has ended says so, because code that it started and did not
 * await may still carry the chain along.
 */
import { AsyncLocalStorage } from 'node:async_hooks';

interface Section {
  readonly lock: object;
  readonly outer: Section | undefined;
  isOpen: boolean;
}

const sections = new AsyncLocalStorage<Section>();

/** Whether the code that asks runs within a section of `lock`. */
export function isWithin(lock: object): boolean {
  for (let section = sections.getStore(); section !== undefined; section = section.outer) {
    if (section.lock === lock && section.isOpen) return true;
  }
  return false;
}

/** Runs `body` as a section of `lock`. */
export async function runWithin<R>(lock: object, body: () => R | PromiseLike<R>): Promise<R> {
  const section: Section = { lock, outer: sections.getStore(), isOpen: true };
  try {
    return await sections.run(section, body);
  } finally {
    section.isOpen = false;
  }
}
