/** Laboratory: a little arithmetic for pools, with an account of where and when it was done. */
import { timed, type Timed } from '../support/timed.ts';
import { spinFor } from './spinning.ts';

/** The square of `n`, which takes at least `ms` of computing. */
export async function square(n: number, ms: number): Promise<Timed<number>> {
  return await timed(() => {
    spinFor(ms);
    return n * n;
  });
}
