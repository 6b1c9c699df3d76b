/**
 * Laboratory: who waits for whom. In: what the primitives told their tracer. Out, once nobody can run any more: each task
 * that is stuck, what it waits for, who holds that, and the cycle if there is one.
 *
 * A cycle is a deadlock: A waits for what B holds, B for what A holds, and none of them will ever go on. Without a cycle
 * it is a wait for something that nobody will do any more: an item, a notification, the end of a pipe.
 */

/** A task that cannot go on. */
export interface Blocked {
  readonly task: string;
  /** `null`: something that no tracer told of. */
  readonly waitsFor: string | null;
  readonly heldBy: readonly string[];
  readonly holds: readonly string[];
}

export interface Stuck {
  readonly blocked: readonly Blocked[];
  /** As A, B, A; `null` where nobody waits in a circle. */
  readonly cycle: readonly string[] | null;
}

/** Keeps the books of what tasks hold and wait for, by the tasks' names. */
export class WaitGraph {
  readonly #waits = new Map<string, string[]>();
  readonly #holds = new Map<string, string[]>();
  /** What only this task can bring about, as its own end: waited for like something held, but not held. */
  readonly #owes = new Map<string, string[]>();

  waits(task: string, resource: string): void {
    add(this.#waits, task, resource);
  }

  resumes(task: string, resource: string): void {
    remove(this.#waits, task, resource);
  }

  holds(task: string, resource: string): void {
    add(this.#holds, task, resource);
  }

  releases(task: string, resource: string): void {
    remove(this.#holds, task, resource);
  }

  owes(task: string, resource: string): void {
    add(this.#owes, task, resource);
  }

  /** The state of the tasks that have not ended. */
  stuck(tasks: readonly string[]): Stuck {
    const blocked = tasks.map((task): Blocked => {
      const waitsFor = this.#waits.get(task)?.at(-1) ?? null;
      return { task, waitsFor, heldBy: this.#holders(waitsFor), holds: this.#holds.get(task) ?? [] };
    });
    return { blocked, cycle: findCycle(blocked) };
  }

  #holders(resource: string | null): string[] {
    if (resource === null) return [];
    return [...this.#holds, ...this.#owes].filter(([, held]) => held.includes(resource)).map(([task]) => task);
  }
}

/** The state in words, one line a task and one for the cycle. */
export function stuckLines({ blocked, cycle }: Stuck): string[] {
  const lines = blocked.map(({ task, waitsFor, heldBy, holds }) => {
    const holding = holds.length === 0 ? '' : `holds ${holds.join(' and ')}, `;
    const holder = heldBy.length === 0 ? '' : ` (held by ${heldBy.join(' and ')})`;
    return `${task} ${holding}waits for ${waitsFor ?? 'something unknown'}${holder}`;
  });
  return cycle === null ? lines : [...lines, `cycle: ${cycle.join(' → ')}`];
}

/** Follows "waits for the holder" until a task comes up again. */
function findCycle(blocked: readonly Blocked[]): string[] | null {
  const heldBy = new Map(blocked.map((entry) => [entry.task, entry.heldBy]));
  const search = (path: readonly string[]): string[] | null => {
    const task = path.at(-1) ?? '';
    for (const next of heldBy.get(task) ?? []) {
      const seenAt = path.indexOf(next);
      const found = seenAt >= 0 ? [...path.slice(seenAt), next] : search([...path, next]);
      if (found !== null) return found;
    }
    return null;
  };
  for (const { task } of blocked) {
    const cycle = search([task]);
    if (cycle !== null) return cycle;
  }
  return null;
}

function add(map: Map<string, string[]>, key: string, value: string): void {
  map.set(key, [...(map.get(key) ?? []), value]);
}

function remove(map: Map<string, string[]>, key: string, value: string): void {
  const list = map.get(key) ?? [];
  const index = list.indexOf(value);
  if (index >= 0) map.set(key, list.toSpliced(index, 1));
}
