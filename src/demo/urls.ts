/** The demo site's URL list: 2,000 URLs over its six hosts, in an order that mixes the hosts. */
import { DEMO_HOSTS, DEMO_SEED } from './site.ts';
import { seededRandom, shuffled } from './random.ts';

/** The list for a site that is reached at `port`. The same seed gives the same order. */
export function demoUrls(port: number, seed: number = DEMO_SEED): string[] {
  const urls = DEMO_HOSTS.flatMap((host) => host.paths.map((path) => `http://${host.name}:${port}${path}`));
  return shuffled(seededRandom(seed, 'order of the list'), urls);
}
