/**
 * Laboratory: a pool whose number of threads follows the load. The engine's own parser pool (`parse/pool.ts`) has a fixed
 * number, as many as the machine has cores to spare; this is the general task pool, doing the same parsing.
 */
import { setTimeout } from 'node:timers/promises';
import { threadWorker } from '../concurrency/pools/thread-worker.ts';
import type { PoolWorker } from '../concurrency/pools/worker.ts';
import { WorkerPool } from '../concurrency/pools/worker-pool.ts';
import { atMost, equal } from './support/checks.ts';
import { defineExperiment, type Experiment } from './support/experiment.ts';
import type { Lane, LogLine, Span } from './support/lanes.ts';
import { duration, integer } from './support/parameters.ts';
import { taskModule } from './support/task-module.ts';
import type * as tasks from './tasks/parsing.ts';

const PATIENCE_MS = 4000;
const KILOBYTES = 100;

export const experiment: Experiment = defineExperiment({
  name: 'parser-pool',
  topic: 'Pools and futures',
  rows: ['3.5'],
  summary: 'Pages come one by one, then many at once, then one by one, then none; a pool of threads parses them.',
  watch: [
    'the number of threads: one is started when a page waits and nobody is idle, and ended after a while without work.',
    'The thread that worked last goes on first, so with little to do one thread does it, and the others age and end.',
  ],
  parameters: {
    threads: integer('threads at most', 3, { min: 2, max: 16 }),
    pages: integer('pages that come at once', 9, { min: 2, max: 200 }),
    idle: duration('after how long without work a thread is ended', '100ms'),
  },
  isSeeded: false,
  hasBroken: false,
  async run({ parameters: { threads, pages, idle } }) {
    const crew = new Crew();
    const words: number[] = [];
    await using pool = new WorkerPool<typeof tasks>({
      kind: 'threads',
      size: threads,
      startWorker: () => crew.start(),
      idleMs: idle,
    });
    const parse = async (number: number): Promise<void> => {
      words.push(await pool.submit('parsePage', number, KILOBYTES).result());
    };
    for (let page = 0; page < 2; page++) await parse(page);
    const trickle = crew.alive;
    await Promise.all(Array.from({ length: pages }, (_, page) => parse(page)));
    const burst = crew.peak;
    const giveUpAt = performance.now() + PATIENCE_MS;
    for (let page = 0; crew.alive > 1 && performance.now() < giveUpAt; page++) {
      await parse(page);
      await setTimeout(idle / 10);
    }
    const after = crew.alive;
    while (crew.alive > 0 && performance.now() < giveUpAt) await setTimeout(idle / 10);
    return {
      unit: 'ms',
      lanes: crew.lanes(),
      log: crew.log,
      values: {
        'threads, pages one by one': trickle,
        'threads, many pages at once': burst,
        'threads, one by one again': after,
        'threads, no pages': crew.alive,
        'pages parsed': words.length,
      },
      checks: [
        equal('threads, pages one by one', 1, trickle),
        equal('threads, many pages at once', Math.min(threads, pages), burst),
        atMost('threads, one by one again', 1, after),
        equal('threads, no pages', 0, crew.alive),
        equal('pages without words', 0, words.filter((count) => count === 0).length),
      ],
      defect: null,
      verdict: `1, ${burst}, ${after}, ${crew.alive} threads: as many as there is work for, at most ${threads}`,
    };
  },
});

interface Life {
  readonly from: number;
  to: number | null;
  readonly work: Span[];
}

/** The threads of a pool, and the book of when they came, worked and went. */
class Crew {
  readonly log: LogLine[] = [];
  readonly #startedAt = performance.now();
  readonly #lives: Life[] = [];
  alive = 0;
  /** The most alive at once. */
  peak = 0;

  start(): PoolWorker {
    const thread = threadWorker(taskModule('parsing'));
    const life: Life = { from: this.#at(), to: null, work: [] };
    const number = this.#lives.push(life);
    this.alive++;
    this.peak = Math.max(this.peak, this.alive);
    this.#say(number, 'started');
    return {
      get isAlive() {
        return thread.isAlive;
      },
      run: async (task, args) => {
        const from = this.#at();
        const result = await thread.run(task, args);
        life.work.push({ from, to: this.#at(), kind: 'works' });
        return result;
      },
      end: async () => {
        await thread.end();
        life.to = this.#at();
        this.alive--;
        this.#say(number, 'ended');
      },
    };
  }

  lanes(): Lane[] {
    return this.#lives.map(({ from, to, work }, index) => ({
      name: `thread ${index + 1}`,
      spans: [{ from, to: to ?? this.#at(), kind: 'waits' }, ...work],
    }));
  }

  #at(): number {
    return performance.now() - this.#startedAt;
  }

  #say(number: number, what: string): void {
    this.log.push({ at: this.#at(), step: 0, task: `thread ${number}`, text: `${what}, now ${this.alive}` });
  }
}
