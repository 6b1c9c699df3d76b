/**
 * Frontier: how fast a host may be asked, by the user's settings and by what kind of host it is.
 *
 * Somebody else's server gets restraint by default; one's own machine or network, which the user listed, does not need
 * it. A name that has not been resolved yet counts as somebody else's: too slow is a nuisance, too fast is an offence.
 */
import type { PolitenessSettings } from '../model/settings.ts';
import type { HostPace } from './host-state.ts';

const PUBLIC_PACE: HostPace = { perHost: 2, delayMs: 100 };
const PRIVATE_PACE: HostPace = { perHost: 16, delayMs: 0 };

/**
 * The pace of one host. Settings that were given win over the defaults of its kind; a rate is a delay in other words, and
 * the stricter of the two holds.
 */
export function paceFor(isPrivate: boolean, settings: Omit<PolitenessSettings, 'hosts'>): HostPace {
  const usual = isPrivate ? PRIVATE_PACE : PUBLIC_PACE;
  const delayMs = settings.delayMs ?? usual.delayMs;
  return {
    perHost: settings.perHost ?? usual.perHost,
    delayMs: settings.rate === null ? delayMs : Math.max(delayMs, 1_000 / settings.rate),
    jitter: settings.jitter,
  };
}
