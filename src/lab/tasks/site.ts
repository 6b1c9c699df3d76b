/** Laboratory: a slow site on a thread of a pool, so that it answers while the main thread is busy. Ends with the pool. */
import { slowSite } from '../support/slow-site.ts';

/** Its URL. */
export async function serve(ms: number): Promise<string> {
  return (await slowSite(ms)).url;
}
