/**
 * Frontier: how far a host that is in trouble is slowed down, beyond what the settings say. Pure policy, applied by
 * `HostSchedule`; it exists for hosts in trouble only.
 *
 * Additive increase, multiplicative decrease, as TCP finds the rate of a path that nobody knows (RFC 5681 §3.1): a
 * refusal (429, 503, no answer in time) halves the fetches in flight and doubles the time added to the delay; each answer
 * after that takes a fixed step back. What was in flight when the host was slowed down says nothing new: one overload
 * refuses many requests at once, and counts once.
 *
 * Invariants: 1 ≤ slots ≤ the settings' `perHost`, 0 ≤ extra delay ≤ `MOST_EXTRA_MS`; a refusal never makes a host faster, an
 * answer never slower; after enough answers nothing is left.
 */
import type { SlowDown } from '../model/attempt.ts';

/** Added to the delay by the first refusal, ms. */
const FIRST_EXTRA_MS = 200;
/** Added at most, ms. A host that wants longer pauses can say so (`Retry-After`). */
export const MOST_EXTRA_MS = 6_400;
/** Taken off by each answer, ms. */
const STEP_MS = 100;
/** What was known longer ago than this is not held against a host, ms. */
const STALE_MS = 600_000;

export interface Backoff extends SlowDown {
  /** Refusals since the last answer. */
  readonly strikes: number;
  /** `Clock.now()` of the last refusal that counted: of those that started before, none counts. */
  readonly cutAt: number;
}

/** The host refused a request that started at `startedAt`. The same object comes back where that says nothing new. */
export function slowedDown(backoff: Backoff | undefined, perHost: number, startedAt: number, now: number): Backoff {
  if (backoff === undefined) {
    return { slots: Math.max(1, perHost / 2), extraMs: FIRST_EXTRA_MS, strikes: 1, cutAt: now };
  }
  if (startedAt < backoff.cutAt) return backoff;
  return {
    slots: Math.max(1, Math.min(backoff.slots, perHost) / 2),
    extraMs: Math.min(MOST_EXTRA_MS, Math.max(FIRST_EXTRA_MS, backoff.extraMs * 2)),
    strikes: backoff.strikes + 1,
    cutAt: now,
  };
}

/** The host answered: one step back towards the settings; `undefined` = it has arrived there. */
export function recovered(backoff: Backoff, perHost: number): Backoff | undefined {
  // One slot more for each round of all slots.
  const slots = Math.min(perHost, backoff.slots + 1 / backoff.slots);
  const extraMs = Math.max(0, backoff.extraMs - STEP_MS);
  return slots === perHost && extraMs === 0 ? undefined : { ...backoff, slots, extraMs, strikes: 0 };
}

/** What an earlier run or an earlier turn of this host found out, `ageMs` ago. */
export function restored(known: SlowDown, perHost: number, ageMs: number, now: number): Backoff | undefined {
  if (ageMs > STALE_MS) return undefined;
  const slots = Math.max(1, Math.min(perHost, known.slots));
  const extraMs = Math.max(0, Math.min(MOST_EXTRA_MS, known.extraMs));
  return { slots, extraMs, strikes: 0, cutAt: now };
}
