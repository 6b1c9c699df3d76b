/** Healthy pages of the fault site, on hosts of their own: what the faults must not disturb. */
import { hostOf } from './fault.ts';
import { pageBody } from './routes-pages.ts';

export interface HealthyPage {
  readonly url: string;
  /** The body as it is served. */
  readonly body: () => Uint8Array;
}

const HOSTS = 30;
const PAGE_BYTES = 8_000;

/** `count` pages of a fault server that listens at `port`, over 30 hosts. */
export function healthyPages(count: number, port: number): HealthyPage[] {
  return Array.from({ length: count }, (_, n) => ({
    url: `http://${hostOf(`healthy-${n % HOSTS}`)}:${port}/page/${n}?size=${PAGE_BYTES}`,
    body: () => pageBody(n, PAGE_BYTES),
  }));
}
