/** Concurrency: the one check that every bound in this folder needs. A wrong bound is a defect of the caller. */
import { CrawlError } from '../model/errors.ts';

/** @returns `value`. @throws {CrawlError} ERR_INTERNAL unless it is an integer ≥ 1. `name` starts the message. */
export function requireAtLeastOne(name: string, value: number): number {
  if (!Number.isSafeInteger(value) || value < 1) {
    throw new CrawlError('ERR_INTERNAL', `${name} must be an integer ≥ 1, got ${String(value)}`);
  }
  return value;
}
