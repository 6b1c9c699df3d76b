/**
 * Laboratory: ends a run of real threads and processes that hangs. Threads that wait for each other use no processor and send
 * nothing: where that lasts, nobody will go on. In: all threads and processes started while it watches. Out, if it comes to that:
 * who is still there and what each of them waits for, as a result like any other; they are ended. Runs on the scheduler
 * (`scheduler.ts`) find their hangs by themselves and exactly; this is for what no scheduler can see into.
 */
import type { ChildProcess } from 'node:child_process';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { readFileSync } from 'node:fs';
import { performance, type EventLoopUtilization } from 'node:perf_hooks';
import type { Worker } from 'node:worker_threads';
import { holds } from './checks.ts';
import type { LabResult } from './experiment.ts';
import type { Lane } from './lanes.ts';
import type { Blocked } from './wait-graph.ts';

const SAMPLE_MS = 250;
/** Processor time in a sample, in µs, below which nobody computes: looking takes about a tenth of it. */
const IDLE_US = 4000;
/** Share of its time in which a thread was outside its event loop's wait: then it is not messages that it waits for. */
const BLOCKED = 0.9;
const SPAWNED = 'child_process';

export interface WatchdogOptions {
  /** How long nothing may move. */
  readonly quietMs: number;
  /** How long it may take in all. */
  readonly limitMs: number;
}

interface Watched<T> {
  readonly it: T;
  readonly since: number;
}

export class Watchdog implements Disposable {
  /** Resolves if the run hangs, and only then. */
  readonly hung: Promise<LabResult>;
  readonly #options: WatchdogOptions;
  readonly #startedAt: number = performance.now();
  readonly #threads = new Set<Watched<Worker>>();
  readonly #children = new Set<Watched<ChildProcess>>();
  readonly #utilization = new Map<Worker, EventLoopUtilization>();
  readonly #timer: NodeJS.Timeout;
  #quietSince: number = performance.now();
  #last: string = '';
  #cpu: NodeJS.CpuUsage = process.cpuUsage();
  readonly #onThread = (it: Worker): void => {
    const watched = { it, since: performance.now() };
    this.#threads.add(watched);
    it.once('exit', () => this.#threads.delete(watched));
  };
  readonly #onChild = (message: unknown): void => {
    const watched = { it: (message as { process: ChildProcess }).process, since: performance.now() };
    this.#children.add(watched);
    watched.it.once('exit', () => this.#children.delete(watched));
  };

  constructor(options: WatchdogOptions) {
    this.#options = options;
    const { promise, resolve } = Promise.withResolvers<LabResult>();
    this.hung = promise;
    process.on('worker', this.#onThread);
    subscribe(SPAWNED, this.#onChild);
    this.#timer = setInterval(() => {
      const why = this.#look();
      if (why === null) return;
      const result = this.#explain(why);
      this[Symbol.dispose]();
      for (const { it } of this.#threads) void it.terminate();
      for (const { it } of this.#children) it.kill('SIGKILL');
      resolve(result);
    }, SAMPLE_MS);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    process.off('worker', this.#onThread);
    unsubscribe(SPAWNED, this.#onChild);
  }

  /** Why it is to be ended; `null` while it may go on. */
  #look(): string | null {
    const now = performance.now();
    const { quietMs, limitMs } = this.#options;
    if (this.#hasMoved()) {
      this.#quietSince = now;
      for (const { it } of this.#threads) this.#utilization.set(it, it.performance.eventLoopUtilization());
    }
    if (now - this.#quietSince >= quietMs) return `nothing has moved for ${seconds(quietMs)}`;
    return now - this.#startedAt >= limitMs ? `it has not ended after ${seconds(limitMs)}` : null;
  }

  #hasMoved(): boolean {
    const { user, system } = process.cpuUsage(this.#cpu);
    this.#cpu = process.cpuUsage();
    // Messages that have come here, and what the processes have computed: what this process's own time does not show.
    const state = [
      performance.nodeTiming.uvMetricsInfo.events,
      this.#threads.size,
      ...[...this.#children].map(({ it }) => processorTime(it.pid)),
    ].join(' ');
    const isOther = state !== this.#last || state.includes('unknown');
    this.#last = state;
    return isOther || user + system > IDLE_US;
  }

  #explain(why: string): LabResult {
    const threads = [...this.#threads].map(({ it }): Blocked => {
      const { utilization } = it.performance.eventLoopUtilization(this.#utilization.get(it));
      const waitsFor =
        utilization > BLOCKED ? 'memory to change (Atomics.wait), or computes without end' : 'a message or a timer';
      return { task: `thread ${it.threadId}`, waitsFor, heldBy: [], holds: [] };
    });
    const children = [...this.#children].map(({ it }): Blocked => ({
      task: `process ${it.pid ?? '?'}`,
      waitsFor: 'a message, input or a timer',
      heldBy: [],
      holds: [],
    }));
    const others = [...threads, ...children].map(({ task }) => task);
    const main: Blocked = { task: 'main', waitsFor: others.length === 0 ? null : 'them', heldBy: [], holds: [] };
    const verdict = `it hangs: ${why}, and ${others.length === 0 ? 'no thread or process is left that could' : `${others.join(', ')} will not end`}`;
    return {
      unit: 'ms',
      lanes: this.#lanes(),
      values: { 'threads left': threads.length, 'processes left': children.length },
      checks: [holds('ends by itself', false, 'no')],
      stuck: { blocked: [...threads, ...children, main], cycle: null },
      defect: why,
      verdict,
    };
  }

  /** Those that are left, from their start; what they wait in is all since anything moved. */
  #lanes(): Lane[] {
    const now = performance.now() - this.#startedAt;
    const quiet = Math.max(0, this.#quietSince - this.#startedAt);
    const lane = (name: string, since: number): Lane => {
      const from = Math.max(0, since - this.#startedAt);
      const middle = Math.max(from, quiet);
      return {
        name,
        spans: [
          { from, to: middle, kind: 'works' },
          { from: middle, to: now, kind: 'waits', isOpen: true },
        ],
      };
    };
    return [
      ...[...this.#threads].map(({ it, since }) => lane(`thread ${it.threadId}`, since)),
      ...[...this.#children].map(({ it, since }) => lane(`process ${it.pid ?? '?'}`, since)),
    ];
  }
}

/** Processor time of another process in ticks, where the system tells (Linux): fields 14 and 15 of its stat. */
function processorTime(pid: number | undefined): string {
  try {
    const stat = readFileSync(`/proc/${pid ?? 0}/stat`, 'utf8');
    return stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .slice(11, 13)
      .join('+');
  } catch {
    return 'unknown';
  }
}

function seconds(ms: number): string {
  return `${Math.round(ms / 100) / 10} s`;
}
