/**
 * Laboratory: a function of `tasks/` in a process of its own, outside any pool. In: the module, the function's name, its
 * arguments. Out: its pid, the lines it wrote and when, how it ended. One that does not end within 4 s is killed.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Lane } from './lanes.ts';
import { taskModule } from './task-module.ts';

const PATIENCE_MS = 4000;

/** How a process ended: by itself, with a status, or by a signal. */
export interface Ended {
  readonly status: number | null;
  readonly signal: string | null;
}

/** A line of output, in ms since the start. */
export interface ChildLine {
  readonly at: number;
  readonly text: string;
}

export interface Child {
  readonly name: string;
  readonly pid: number;
  /** For messages to and from it. */
  readonly process: ChildProcess;
  readonly lines: readonly ChildLine[];
  /** Resolves when it is gone and all its lines are here. */
  readonly ended: Promise<Ended>;
  /** From its start to its end, or to now. */
  readonly lane: Lane;
}

/** Starts them at the same time. */
export class Family implements AsyncDisposable {
  readonly startedAt: number = performance.now();
  readonly #children: Child[] = [];

  /** Calls the export `task` of `tasks/MODULE` in a process of its own. */
  start(name: string, module: string, task: string, ...args: readonly string[]): Child {
    const entry = fileURLToPath(taskModule('child'));
    const child = fork(entry, [taskModule(module).href, task, ...args], {
      serialization: 'advanced',
      execArgv: [],
      stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    });
    const from = this.#now();
    const lines: ChildLine[] = [];
    let to: number | null = null;
    const ended = this.#watch(child, lines).finally(() => (to = this.#now()));
    const now = (): number => to ?? this.#now();
    const member: Child = {
      name,
      pid: child.pid ?? -1,
      process: child,
      lines,
      ended,
      get lane(): Lane {
        return { name, spans: [{ from, to: now(), kind: 'works', ...(to === null ? { isOpen: true } : {}) }] };
      },
    };
    this.#children.push(member);
    return member;
  }

  get children(): readonly Child[] {
    return this.#children;
  }

  /** How each ended, in the order in which they were started: `waitpid` for all. */
  async join(): Promise<Ended[]> {
    return await Promise.all(this.#children.map(({ ended }) => ended));
  }

  /** Kills those that are still there. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const { process } of this.#children) if (process.exitCode === null) process.kill('SIGKILL');
    await this.join();
  }

  #now(): number {
    return performance.now() - this.startedAt;
  }

  async #watch(child: ChildProcess, lines: ChildLine[]): Promise<Ended> {
    const watchdog = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS);
    if (child.stdout !== null) {
      createInterface({ input: child.stdout }).on('line', (text) => lines.push({ at: this.#now(), text }));
    }
    // 'close' comes after 'exit' and the last of its output.
    const [status, signal] = (await once(child, 'close')) as [number | null, string | null];
    clearTimeout(watchdog);
    return { status, signal };
  }
}

/** What all of them wrote, by time. */
export function logOf(children: readonly Child[]): { at: number; step: number; task: string; text: string }[] {
  return children
    .flatMap(({ name, lines }) => lines.map(({ at, text }) => ({ at, step: 0, task: name, text })))
    .toSorted((a, b) => a.at - b.at);
}
