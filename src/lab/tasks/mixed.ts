/** Laboratory: tasks for pools of all kinds: those that wait, those that compute, and one that fails. */
export { here } from '../support/timed.ts';
export { hash } from './computing.ts';
export { wait } from './waiting.ts';

/** @throws {RangeError} always, with the reason given. */
export function refuse(reason: string): never {
  throw new RangeError(reason);
}
