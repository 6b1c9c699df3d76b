/** Laboratory: what is expected, beside what was measured. */

export interface Check {
  readonly what: string;
  readonly expected: string;
  readonly measured: string;
  readonly ok: boolean;
}

/** The very same. */
export function equal(what: string, expected: number | string | boolean, measured: number | string | boolean): Check {
  return { what, expected: shown(expected), measured: shown(measured), ok: expected === measured };
}

export function atLeast(what: string, least: number, measured: number): Check {
  return { what, expected: `≥ ${shown(least)}`, measured: shown(measured), ok: measured >= least };
}

export function atMost(what: string, most: number, measured: number): Check {
  return { what, expected: `≤ ${shown(most)}`, measured: shown(measured), ok: measured <= most };
}

/** A statement that holds or does not; `measured` says what was seen. */
export function holds(what: string, ok: boolean, measured: string): Check {
  return { what, expected: 'yes', measured, ok };
}

/** A time in ms: exact on the virtual clock; on the real one not earlier, and later by no more than a busy machine may be. */
export function takes(what: string, expectedMs: number, measuredMs: number, isReal: boolean): Check {
  const ok = isReal
    ? measuredMs >= expectedMs * 0.95 - 2 && measuredMs <= expectedMs * 1.5 + 500
    : Math.abs(measuredMs - expectedMs) < 1e-6;
  return { what, expected: time(expectedMs), measured: time(measuredMs), ok };
}

/**
 * A speed that a free machine reaches. Others may use its cores as well, so falling short is shown, and wrong only below
 * `least`: where even a busy machine should not end.
 */
export function reaches(what: string, expected: number, measured: number, least: number): Check {
  return {
    what,
    expected: `≥ ${shown(expected)} if cores are free`,
    measured: `${shown(measured)}${measured < expected ? ', short of it' : ''}`,
    ok: measured >= least,
  };
}

/** The same for a time in ms that a free machine keeps within, and that is wrong only above `most`. */
export function staysWithin(what: string, expectedMs: number, measuredMs: number, most: number): Check {
  return {
    what,
    expected: `≤ ${time(expectedMs)} if cores are free`,
    measured: `${time(measuredMs)}${measuredMs > expectedMs ? ', beyond it' : ''}`,
    ok: measuredMs <= most,
  };
}

/** As 1.25 s, 40 ms. */
export function time(ms: number): string {
  return ms >= 1000
    ? `${(ms / 1000).toFixed(2)} s`
    : `${ms < 10 && !Number.isInteger(ms) ? ms.toFixed(1) : Math.round(ms)} ms`;
}

function shown(value: number | string | boolean): string {
  if (typeof value === 'number') return Number.isInteger(value) ? String(value) : value.toFixed(2);
  return typeof value === 'boolean' ? (value ? 'yes' : 'no') : value;
}
