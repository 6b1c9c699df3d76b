/**
 * Hosts that refused or did not answer in time: how they are asked since, in the file and, as claims hand it out with the
 * host, in memory. Only hosts in trouble have a row, and only those that are slowed down now an entry in memory.
 */
import type { Database, Statement } from 'better-sqlite3';
import type { HostNote, SlowDown } from '../model/attempt.ts';

export class HostBackoff {
  readonly #slowed = new Map<number, SlowDown & { readonly at: number }>();
  readonly #write: Statement<[number, number | null, number, string, number]>;

  constructor(db: Database) {
    this.#write = db.prepare(
      `INSERT INTO host_backoff (host_id, slots, extra_ms, reason, at) VALUES (?, ?, ?, ?, ?) ON CONFLICT (host_id) DO UPDATE
       SET slots = excluded.slots, extra_ms = excluded.extra_ms, reason = excluded.reason, at = excluded.at`,
    );
    const rows = db
      .prepare<[], [number, number, number, number]>(
        'SELECT host_id, slots, extra_ms, at FROM host_backoff WHERE slots IS NOT NULL',
      )
      .raw();
    for (const [hostId, slots, extraMs, at] of rows.iterate()) this.#slowed.set(hostId, { slots, extraMs, at });
  }

  /** Inside the transaction of the attempt that brought the news. */
  write(hostId: number, { slowDown, reason, at }: HostNote): void {
    this.#write.run(hostId, slowDown?.slots ?? null, slowDown?.extraMs ?? 0, reason, at);
    if (slowDown === null) this.#slowed.delete(hostId);
    else this.#slowed.set(hostId, { ...slowDown, at });
  }

  /** As `HostEntry.slowDown`. */
  of(hostId: number, now: number): (SlowDown & { readonly ageMs: number }) | undefined {
    const known = this.#slowed.get(hostId);
    return known === undefined ? undefined : { slots: known.slots, extraMs: known.extraMs, ageMs: now - known.at };
  }
}
