/**
 * Laboratory: the seeded scheduler. It runs tasks (async functions) one at a time, in an order drawn from a seed, so that
 * a race which shows once in a million runs shows every time the same seed is used.
 *
 *     spawn ──► ready ──► (the seed draws one) ──► runs until its next wait ──► ready again when that is over
 *
 * A task gives way where it calls `step()`, `work()`, `sleep()`, and where it waits in a primitive (mutex, queue, …) that
 * was given `tracer` and `clock` of this scheduler. Between two such points it runs alone, as code between two `await`s does.
 *
 * When nobody can run, time moves on to the next timer. When there is none either, nobody will ever run again: instead of
 * hanging, `run` ends and says who waits for what. Hence the rule for tasks: wait only for primitives with this tracer, for
 * the methods of `Task`, or `outside(promise)` for anything else (a thread, a request); that has a time limit.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { Tracer } from '../../concurrency/tracer.ts';
import type { Random } from '../../model/clock.ts';
import { seededRandom } from '../../demo/random.ts';
import { realClock, virtualClock, type LabClock } from './lab-clock.ts';
import { Recorder, type Lane, type LogLine, type Moment, type Unit } from './lanes.ts';
import { taskTracer } from './task-tracer.ts';
import { WaitGraph, type Stuck } from './wait-graph.ts';

/** What a task can do. */
export interface Task {
  readonly name: string;
  /** Gives way to whomever the seed draws. */
  step(): Promise<void>;
  /** Is busy for a time, as with a request: drawn as work. */
  work(ms: number, label?: string): Promise<void>;
  /** Does nothing for a time. */
  sleep(ms: number): Promise<void>;
  /** Waits until another task has ended. */
  join(other: Spawned): Promise<void>;
  /** Waits for something that the scheduler cannot see: a thread, a request. Drawn as work on `label`. */
  outside<T>(promise: PromiseLike<T>, label: string): Promise<T>;
  /** Writes a line of output. */
  say(text: string): void;
}

/** A task as others see it. */
export interface Spawned {
  readonly name: string;
  readonly isDone: boolean;
}

export type Outcome =
  | { readonly kind: 'finished' }
  /** Nobody can run, and nobody ever will. */
  | { readonly kind: 'stuck'; readonly stuck: Stuck }
  /** Something outside took too long. */
  | { readonly kind: 'overtime'; readonly stuck: Stuck }
  /** Turns without end. */
  | { readonly kind: 'endless'; readonly steps: number };

export interface SchedulerOptions {
  readonly seed: number;
  /** Default: virtual. */
  readonly isReal?: boolean;
  /** Turns at most, default 100,000. */
  readonly maxSteps?: number;
  /** How long nothing but the outside may be waited for, default 4 s. */
  readonly outsideMs?: number;
}

interface Running extends Spawned {
  isDone: boolean;
  readonly recorder: Recorder;
  /** Ends the waits of those who `join`. */
  readonly ended: PromiseWithResolvers<void>;
}

interface Ready {
  readonly task: Running;
  readonly resume: () => void;
}

export class Scheduler {
  readonly clock: LabClock;
  /** For the primitives that tasks wait in. */
  readonly tracer: Tracer;
  readonly #random: Random;
  readonly #maxSteps: number;
  readonly #outsideMs: number;
  readonly #current = new AsyncLocalStorage<Running>();
  readonly #graph = new WaitGraph();
  readonly #tasks: Running[] = [];
  readonly #log: LogLine[] = [];
  #ready: Ready[] = [];
  #steps = 0;
  #outside = 0;
  #isStuck = false;
  #failure: { readonly error: unknown } | undefined;
  /** Settled when a real timer fires or something outside ends. */
  #event: PromiseWithResolvers<void> = Promise.withResolvers();

  constructor({ seed, isReal = false, maxSteps = 100_000, outsideMs = 4000 }: SchedulerOptions) {
    this.#random = seededRandom(seed, 'schedule');
    this.#maxSteps = maxSteps;
    this.#outsideMs = outsideMs;
    this.clock = isReal ? realClock(() => this.#event.resolve()) : virtualClock();
    this.tracer = taskTracer(() => this.#current.getStore(), this.#graph);
  }

  /** Turns taken so far. */
  get steps(): number {
    return this.#steps;
  }

  get log(): readonly LogLine[] {
    return this.#log;
  }

  /** Starts a task; it begins when the seed draws it. Names must differ. */
  spawn(name: string, body: (task: Task) => Promise<void> | void): Spawned {
    const recorder = new Recorder(name, () => this.#now());
    const running: Running = { name, isDone: false, recorder, ended: Promise.withResolvers() };
    this.#tasks.push(running);
    this.#graph.owes(name, endOf(name));
    void this.#live(running, body);
    return running;
  }

  /** Runs until all tasks have ended, or it is clear that they will not. To be called once. @throws what a task throws. */
  async run(): Promise<Outcome> {
    for (;;) {
      // Everything that can run by itself does so before this turn of the event loop.
      await new Promise((resolve) => setImmediate(resolve));
      if (this.#failure !== undefined) throw this.#failure.error;
      if (this.#ready.length > 0) {
        if (this.#steps >= this.#maxSteps) return { kind: 'endless', steps: this.#steps };
        this.#runOne();
      } else if (this.#tasks.every(({ isDone }) => isDone)) return { kind: 'finished' };
      else if (this.#outside > 0 || (!this.clock.isVirtual && this.clock.hasTimers)) {
        if (!(await this.#nextEvent())) return { kind: 'overtime', stuck: this.#stuck() };
      } else if (this.clock.hasTimers) this.clock.jump();
      else return { kind: 'stuck', stuck: this.#stuck() };
    }
  }

  /** What each task did, in the order in which they were spawned. Waits for ever go on a little beyond the end. */
  lanes(unit: Unit): Lane[] {
    const { ms, steps } = this.#now();
    const beyond = unit === 'ms' ? Math.max(1, ms / 4) : Math.max(2, steps / 4);
    return this.#tasks.map(({ recorder }) => recorder.lane(unit, this.#isStuck ? beyond : 0));
  }

  #now(): Moment {
    return { ms: this.clock.elapsed(), steps: this.#steps };
  }

  async #live(running: Running, body: (task: Task) => Promise<void> | void): Promise<void> {
    try {
      await this.#current.run(running, async () => {
        await this.#getReady(running);
        await body(this.#taskOf(running));
      });
    } catch (error) {
      this.#failure ??= { error };
    }
    running.isDone = true;
    running.ended.resolve();
  }

  #taskOf(running: Running): Task {
    const pause = async (kind: 'works' | 'sleeps', ms: number, label?: string): Promise<void> => {
      const end = running.recorder.begin(kind, label);
      await new Promise<void>((resolve) => this.clock.after(ms, resolve));
      end();
      await this.#getReady(running);
    };
    return {
      name: running.name,
      step: () => this.#getReady(running),
      work: (ms, label) => pause('works', ms, label),
      sleep: (ms) => pause('sleeps', ms),
      join: async ({ name }) => {
        const other = this.#tasks.find((task) => task.name === name);
        this.tracer.waits(running, endOf(name));
        await other?.ended.promise;
        this.tracer.resumes(running, endOf(name));
        await this.#getReady(running);
      },
      outside: (promise, label) => this.#waitOutside(running, promise, label),
      say: (text) => void this.#log.push({ at: this.clock.elapsed(), step: this.#steps, task: running.name, text }),
    };
  }

  async #waitOutside<T>(running: Running, promise: PromiseLike<T>, label: string): Promise<T> {
    const end = running.recorder.begin('works', label);
    this.#outside++;
    this.#graph.waits(running.name, label);
    try {
      return await promise;
    } finally {
      this.#outside--;
      this.#graph.resumes(running.name, label);
      end();
      this.#event.resolve();
      await this.#getReady(running);
    }
  }

  #getReady(task: Running): Promise<void> {
    return new Promise((resume) => this.#ready.push({ task, resume }));
  }

  #runOne(): void {
    const index = Math.floor(this.#random() * this.#ready.length);
    const [drawn] = this.#ready.splice(index, 1);
    drawn?.task.recorder.turn();
    this.#steps++;
    drawn?.resume();
  }

  /** Waits for a timer or the outside. False: the outside took too long. */
  async #nextEvent(): Promise<boolean> {
    let isLate = false;
    // Real timers are events as well, and will come; virtual ones wait until the outside is done.
    const watchdog =
      !this.clock.isVirtual && this.clock.hasTimers
        ? undefined
        : setTimeout(() => {
            isLate = true;
            this.#event.resolve();
          }, this.#outsideMs);
    await this.#event.promise;
    clearTimeout(watchdog);
    this.#event = Promise.withResolvers();
    return !isLate;
  }

  #stuck(): Stuck {
    this.#isStuck = true;
    return this.#graph.stuck(this.#tasks.filter(({ isDone }) => !isDone).map(({ name }) => name));
  }
}

function endOf(name: string): string {
  return `the end of ${name}`;
}
