/** Laboratory: the scheduler's ear at the primitives. What they tell goes into the tasks' lanes and the wait-for graph. */
import type { Tracer } from '../../concurrency/tracer.ts';
import type { Recorder } from './lanes.ts';
import type { WaitGraph } from './wait-graph.ts';

/** A task, as far as a tracer needs to know it. */
export interface TracedTask {
  readonly name: string;
  readonly recorder: Recorder;
}

/** `current` is the task that runs now; callers that are no tasks are passed over. */
export function taskTracer(current: () => TracedTask | undefined, graph: WaitGraph): Tracer {
  /** Ends of the spans of those who wait now. */
  const open = new Map<TracedTask, () => void>();
  const known = (caller: unknown): TracedTask | undefined => caller as TracedTask | undefined;
  return {
    caller: current,
    waits(caller, resource) {
      const task = known(caller);
      if (task === undefined) return;
      open.set(task, task.recorder.begin('waits', resource));
      graph.waits(task.name, resource);
    },
    resumes(caller, resource) {
      const task = known(caller);
      if (task === undefined) return;
      open.get(task)?.();
      graph.resumes(task.name, resource);
    },
    holds(caller, resource) {
      const task = known(caller);
      if (task !== undefined) graph.holds(task.name, resource);
    },
    releases(caller, resource) {
      const task = known(caller);
      if (task !== undefined) graph.releases(task.name, resource);
    },
  };
}
