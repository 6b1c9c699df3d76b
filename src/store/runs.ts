/** The `run` table: one row an invocation, with what it committed; and `stage_stat`, its queues second by second. */
import type { Database, Statement } from 'better-sqlite3';
import type { RunRecord, RunState, StageSample } from '../model/ports.ts';

/** What one commit adds to its run. */
export interface RunDelta {
  fetches: number;
  done: number;
  failed: number;
  skipped: number;
  retries: number;
  wireBytes: number;
  decodedBytes: number;
}

/** What becomes of a row that still says `running` when no run holds the file. */
export const KILLED = { state: 'failed', reason: 'killed, or its disk failed' } as const;

export class Runs {
  readonly #db: Database;
  readonly id: number;
  /** Effective settings of the run before this one. */
  readonly lastConfig: string | null;
  readonly #add: Statement<[RunDelta & { id: number }]>;
  readonly #insertStage: Statement<(string | number | null)[]>;
  #decodedBytes: number;

  /**
   * Starts a run. Rows that still say `running` belong to runs that were killed, or whose disk took nothing more: whoever
   * holds the lock may say so.
   */
  constructor(db: Database, run: RunRecord, startedAt: number) {
    this.#db = db;
    this.lastConfig = db.prepare<[], string>('SELECT config FROM run ORDER BY id DESC LIMIT 1').pluck().get() ?? null;
    this.#decodedBytes = db.prepare<[], number>('SELECT coalesce(sum(decoded_bytes), 0) FROM run').pluck().get() ?? 0;
    db.prepare("UPDATE run SET state = @state, reason = @reason WHERE state = 'running'").run(KILLED);
    const inserted = db
      .prepare(
        `INSERT INTO run (started_at, state, argv, config, versions, pid, hostname)
         VALUES (?, 'running', ?, ?, ?, ?, ?)`,
      )
      .run(startedAt, JSON.stringify(run.argv), run.config, run.versions, run.pid, run.hostname);
    this.id = Number(inserted.lastInsertRowid);
    this.#add = db.prepare(`UPDATE run SET fetches = fetches + @fetches, done = done + @done, failed = failed + @failed,
      skipped = skipped + @skipped, retries = retries + @retries, wire_bytes = wire_bytes + @wireBytes,
      decoded_bytes = decoded_bytes + @decodedBytes WHERE id = @id`);
    this.#insertStage = db.prepare('INSERT OR REPLACE INTO stage_stat VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)');
  }

  /** Decoded bytes of all runs of this file. */
  get decodedBytes(): number {
    return this.#decodedBytes;
  }

  add(delta: RunDelta): void {
    this.#add.run({ ...delta, id: this.id });
    this.#decodedBytes += delta.decodedBytes;
  }

  recordStages(samples: readonly StageSample[]): void {
    for (const { second, stage, gauge, note } of samples) {
      this.#insertStage.run(
        this.id,
        second,
        stage,
        gauge.capacity,
        gauge.length,
        gauge.highWater,
        gauge.passed,
        gauge.producerWaits,
        gauge.producerWaitMs,
        gauge.consumerWaits,
        gauge.consumerWaitMs,
        note,
      );
    }
  }

  finish(state: RunState, reason: string | null, endedAt: number): void {
    this.#db
      .prepare('UPDATE run SET state = ?, reason = ?, ended_at = ? WHERE id = ?')
      .run(state, reason, endedAt, this.id);
  }
}
