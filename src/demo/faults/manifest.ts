/**
 * The manifest: every fault that the site offers, in the order of the rows; those of robots.txt, which only a crawl that asks
 * for it meets, are in `faults-robots.ts`. A new fault is a route (`routes-*.ts`) and an entry in one of the lists;
 * `docs/faults.md` is made from it (`node test/support/documents.ts`).
 */
import { urlOf, type Fault, type FaultScene } from './fault.ts';
import { CODING_FAULTS } from './faults-coding.ts';
import { CONNECTION_FAULTS } from './faults-connection.ts';
import { PAGE_FAULTS } from './faults-page.ts';
import { PROTOCOL_FAULTS } from './faults-protocol.ts';
import { landings, REDIRECT_FAULTS, STATUS_FAULTS } from './faults-redirect.ts';
import { signature } from './routes-redirect.ts';

export const FAULTS: readonly Fault[] = [
  ...CONNECTION_FAULTS,
  ...PROTOCOL_FAULTS,
  ...CODING_FAULTS,
  ...REDIRECT_FAULTS,
  ...STATUS_FAULTS,
  ...PAGE_FAULTS,
];

/** Those whose pages are bombs: it takes the server a while to make them, once. */
export const BOMBS: readonly Fault[] = FAULTS.filter(({ row }) => row === 36 || (row >= 71 && row <= 74));

/** What a list must hold: every fault, and the pages that redirects lead to. */
export function faultUrls(scene: FaultScene): string[] {
  return [...FAULTS.map((fault) => urlOf(fault, scene)), ...landings(scene)];
}

/**
 * The flags that `FAULTS` count with: no robots.txt (a host that fails at every path fails at that one too, and its page would
 * never be asked for), short timeouts, and secrets to be sent to what is listed, never on to where a redirect leads. The
 * authority of the certificates comes by NODE_EXTRA_CA_CERTS.
 */
export function crawlFlags(retries: number, timeout: string): string[] {
  const secrets = ['Authorization', 'Cookie', 'Proxy-Authorization'].flatMap((name) => ['-H', `${name}: ${signature}`]);
  return ['--no-robots', ...robotsFlags(retries, timeout), ...secrets];
}

/** The flags that `ROBOTS_FAULTS` count with. */
export function robotsFlags(retries: number, timeout: string): string[] {
  return ['-t', timeout, '--retries', String(retries)];
}
