/**
 * Concurrency: the observer. A primitive that is given a tracer tells it who waits for what and who holds what; from that
 * the laboratory draws time lines and finds the cycle of a deadlock (`lab/support/scheduler.ts`). The engine gives none,
 * and then nothing is told and nothing is spent.
 *
 * A caller is asked for once, when it calls, and kept beside its place in the line: by the time it is served, it is
 * somebody else's call (a release, a put) that is running.
 */
export interface Tracer {
  /** Whoever is running now. */
  caller(): unknown;
  /** `caller` begins to wait for `resource`. */
  waits(caller: unknown, resource: string): void;
  /** `caller` waits no longer: served, cancelled or rejected. */
  resumes(caller: unknown, resource: string): void;
  /** `caller` holds `resource`, or a share of it, until it releases it. */
  holds(caller: unknown, resource: string): void;
  releases(caller: unknown, resource: string): void;
}

/** How a primitive is named to its observer. */
export interface Traced {
  /** As in "waits for `name`". */
  readonly name?: string | undefined;
  readonly tracer?: Tracer | undefined;
}
