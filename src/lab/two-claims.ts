/** Laboratory: "one interpreter lock, so no races" against "a counter without a lock loses updates": a run decides. */
import { Mutex } from '../concurrency/mutex.ts';
import { atLeast, equal } from './support/checks.ts';
import { defineExperiment, type Experiment } from './support/experiment.ts';
import type { Lane } from './support/lanes.ts';
import { integer } from './support/parameters.ts';
import type { Scheduler, Task } from './support/scheduler.ts';

/** How `n + 1` is done: in one go, in three steps between which others may run, or in three steps under a mutex. */
type Form = 'one step' | 'three steps' | 'with a lock';

interface Outcome {
  readonly sum: number;
  readonly lanes: readonly Lane[];
}

const TASKS = ['A', 'B'];

export const experiment: Experiment = defineExperiment({
  name: 'two-claims',
  topic: 'Races and locks',
  rows: ['0.14'],
  summary:
    'Two tasks on one thread, of which one runs at a time, add 1 to a number: in one step, in three, with a lock.',
  watch: [
    'the middle run. That one runs at a time makes each step whole, and says nothing about two steps in a row.',
    'So both claims hold for what they speak of: single steps cannot clash, and read, add, write is not a single step.',
  ],
  // Fewer might come through unharmed by luck.
  parameters: { times: integer('additions of each', 8, { min: 5, max: 1000 }) },
  isSeeded: true,
  hasBroken: false,
  async run({ parameters: { times }, newScheduler }) {
    const run = (form: Form): Promise<Outcome> => addUp(form, newScheduler(), times);
    const [whole, split, locked] = [await run('one step'), await run('three steps'), await run('with a lock')];
    const right = TASKS.length * times;
    return {
      unit: 'steps',
      lanes: [whole, split, locked].flatMap(({ lanes }) => lanes),
      values: {
        'claim 1': 'one interpreter lock lets one thread run at a time, so races need not worry you',
        'claim 2': 'threads that add to one number without a lock lose updates',
        'one step': whole.sum,
        'three steps': split.sum,
        'with a lock': locked.sum,
      },
      checks: [
        equal('sum, one step', right, whole.sum),
        atLeast('lost, three steps', 1, right - split.sum),
        equal('sum, three steps with a lock', right, locked.sum),
      ],
      defect: null,
      verdict: `claim 1 holds for single steps only: one at a time, and still ${right - split.sum} of ${right} updates lost`,
    };
  },
});

async function addUp(form: Form, scheduler: Scheduler, times: number): Promise<Outcome> {
  const { clock, tracer } = scheduler;
  const mutex = new Mutex({ name: 'the lock', clock, tracer });
  const number = { value: 0 };
  const addOne = async (task: Task): Promise<void> => {
    const loaded = number.value;
    await task.step();
    const added = loaded + 1;
    await task.step();
    number.value = added;
  };
  for (const name of TASKS) {
    scheduler.spawn(name, async (task) => {
      for (let time = 0; time < times; time++) {
        await task.step();
        if (form === 'one step') number.value += 1;
        else if (form === 'three steps') await addOne(task);
        else await mutex.runExclusive(() => addOne(task));
      }
    });
  }
  await scheduler.run();
  const lanes = scheduler.lanes('steps').map((lane) => ({ ...lane, name: `${lane.name}, ${form}` }));
  return { sum: number.value, lanes };
}
