/** Laboratory: two tasks talk in turns over a condition variable; as written, the first notification is lost. */
import { Condition } from '../concurrency/condition.ts';
import { Mutex } from '../concurrency/mutex.ts';
import { equal } from './support/checks.ts';
import { defineExperiment, type Experiment } from './support/experiment.ts';
import { integer } from './support/parameters.ts';
import type { Task } from './support/scheduler.ts';

interface Stage {
  readonly mutex: Mutex;
  readonly condition: Condition;
  turn: 'Speaker' | 'Listener';
}

export const experiment: Experiment = defineExperiment({
  name: 'dialogue',
  topic: 'Waiting for a state',
  rows: ['4.9'],
  summary: 'A speaker and a listener say their lines in turns; a condition variable tells each when it is their turn.',
  watch: [
    'who waits when the first notification comes. It is an event, not a state: with nobody waiting it is gone.',
    'Fixed, each waits for "it is my turn", a variable; what is in a variable cannot be missed.',
  ],
  parameters: { lines: integer('lines each of them says', 3, { max: 100 }) },
  isSeeded: true,
  hasBroken: true,
  async run({ parameters: { lines }, variant, newScheduler }) {
    const scheduler = newScheduler();
    const { clock, tracer } = scheduler;
    const mutex = new Mutex({ clock, tracer, name: 'the stage' });
    const condition = new Condition(mutex, { clock, tracer, name: 'the condition' });
    const stage: Stage = { mutex, condition, turn: 'Speaker' };
    const lost: number[] = [];
    if (variant === 'broken') {
      const speaker = scheduler.spawn('Speaker', (task) => speak(task, stage, lines, lost));
      // As in the original: the second thread starts once the first has begun to speak.
      scheduler.spawn('Listener', async (task) => {
        while (scheduler.log.length === 0 && !speaker.isDone) await task.step();
        await listen(task, stage, lines);
      });
    } else {
      for (const name of ['Speaker', 'Listener'] as const)
        scheduler.spawn(name, (task) => talk(task, name, stage, lines));
    }
    const outcome = await scheduler.run();
    const said = scheduler.log.filter(({ text }) => text.startsWith('line'));
    const alternate = said.every(({ task }, index) => task === (index % 2 === 0 ? 'Speaker' : 'Listener'));
    const isStuck = outcome.kind === 'stuck';
    return {
      unit: 'steps',
      lanes: scheduler.lanes('steps'),
      log: scheduler.log,
      values: { lines: said.length, 'notifications nobody heard': lost.length },
      ...(isStuck ? { stuck: outcome.stuck } : {}),
      checks:
        variant === 'broken'
          ? [
              equal('ends by itself', false, !isStuck),
              equal('lines said before it hangs', 1, said.length),
              equal('tasks that wait for ever', 2, isStuck ? outcome.stuck.blocked.length : 0),
            ]
          : [
              equal('ends by itself', true, outcome.kind === 'finished'),
              equal('lines said', 2 * lines, said.length),
              equal('strictly in turns', true, alternate),
            ],
      defect: isStuck ? 'lost notify at t=0: 0 waiters; now both wait for the other to notify' : null,
      verdict: isStuck
        ? 'a notification that nobody waits for is lost: test a variable before waiting'
        : `${said.length} lines in strict turns, under any schedule`,
    };
  },
});

/** As written: says a line, notifies, waits to be notified; no variable says whose turn it is. */
async function speak(task: Task, { mutex, condition }: Stage, lines: number, lost: number[]): Promise<void> {
  using lock = await mutex.acquire();
  for (let line = 1; line <= lines; line++) {
    task.say(`line ${line}`);
    const woken = condition.notify();
    if (woken === 0) {
      task.say('notify: 0 waiters');
      lost.push(line);
    }
    await condition.wait(lock);
    await task.step();
  }
}

async function listen(task: Task, { mutex, condition }: Stage, lines: number): Promise<void> {
  using lock = await mutex.acquire();
  for (let line = 1; line <= lines; line++) {
    await condition.wait(lock);
    await task.step();
    task.say(`line ${line}`);
    condition.notify();
  }
}

/** Waits until it is its turn, says its line, gives the turn to the other. */
async function talk(task: Task, name: Stage['turn'], stage: Stage, lines: number): Promise<void> {
  const { mutex, condition } = stage;
  for (let line = 1; line <= lines; line++) {
    using lock = await mutex.acquire();
    await condition.wait(lock, () => stage.turn === name);
    await task.step();
    task.say(`line ${line}`);
    stage.turn = name === 'Speaker' ? 'Listener' : 'Speaker';
    condition.notify();
    await task.step();
  }
}
