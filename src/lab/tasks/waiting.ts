/** Laboratory: tasks for pools that only wait, as for an answer from elsewhere. */
import { setTimeout } from 'node:timers/promises';
import { timed, type Timed } from '../support/timed.ts';

export { here } from '../support/timed.ts';

/** `value`, after `ms` in which nothing is computed. */
export async function wait(ms: number, value: number): Promise<Timed<number>> {
  return await timed(() => setTimeout(ms, value));
}
