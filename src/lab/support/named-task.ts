/**
 * Laboratory: a task as a class, the way threads are written where they are objects: a subclass says what runs, an instance
 * has a name, which stands in its lane and before each of its lines.
 */
import type { Scheduler, Spawned, Task } from './scheduler.ts';

export abstract class NamedTask {
  readonly name: string;
  #spawned: Spawned | undefined;

  constructor(name: string) {
    this.name = name;
  }

  /** What it does; runs once, after `start`. */
  protected abstract run(task: Task): Promise<void>;

  start(scheduler: Scheduler): void {
    this.#spawned = scheduler.spawn(this.name, (task) => this.run(task));
  }

  /** `by` waits until this one has ended. One that was never started has nothing to end. */
  async join(by: Task): Promise<void> {
    if (this.#spawned !== undefined) await by.join(this.#spawned);
  }
}
