/** Laboratory: a download as a task of a pool. */
import { fetchSize } from '../support/slow-site.ts';

/** Bytes of the page. @throws what the connection fails with. */
export function download(url: string): Promise<number> {
  return fetchSize(url);
}
