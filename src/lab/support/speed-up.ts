/** Laboratory: what several workers gain. */
import { availableParallelism } from 'node:os';
import { reaches, type Check } from './checks.ts';

/** The part of a core that a worker of a free machine gains: starting, handing over and an uneven share cost the rest. */
const SHARE = 0.8;
/** Below this part of a core, all in all, something is wrong that no neighbour explains. */
const LEAST = 0.2;

/** Workers that can really compute at the same time. */
export function parallel(workers: number): number {
  return Math.min(workers, availableParallelism());
}

/** `alone` and `together`: the same work by one and by `workers`. */
export function speedUp(what: string, workers: number, alone: number, together: number): Check {
  const cores = parallel(workers);
  return reaches(what, cores === 1 ? SHARE : SHARE * cores, alone / together, LEAST);
}
