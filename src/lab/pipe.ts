/** Laboratory: a parent reads from a pipe until its end, and waits for ever because it holds a write end itself. */
import { Channel } from '../concurrency/channel.ts';
import { equal } from './support/checks.ts';
import { defineExperiment, type Experiment } from './support/experiment.ts';
import { integer } from './support/parameters.ts';

export const experiment: Experiment = defineExperiment({
  name: 'pipe',
  topic: 'Queues and pipes',
  rows: ['4.20'],
  summary: 'A child writes messages into a pipe; its parent reads them until the pipe ends.',
  watch: [
    'the write ends. A pipe ends when the last of them is closed, and the parent that made the pipe holds one, too.',
    'Fixed, the parent closes the end that it does not use before it reads; then the end comes with the child’s close.',
  ],
  parameters: { messages: integer('messages', 5, { max: 1000 }) },
  isSeeded: true,
  hasBroken: true,
  async run({ parameters: { messages }, variant, newScheduler }) {
    const scheduler = newScheduler();
    const { clock, tracer } = scheduler;
    const pipe = new Channel<string>({ capacity: 2, name: 'the pipe', clock, tracer });
    const received: string[] = [];
    scheduler.spawn('parent', async (task) => {
      const parentsEnd = pipe.openWriter();
      const childsEnd = pipe.openWriter();
      scheduler.spawn('child', async (child) => {
        using end = childsEnd;
        for (let number = 1; number <= messages; number++) {
          await child.step();
          await end.write(`message ${number}`);
          child.say(`wrote ${number}`);
        }
        child.say('closes its end');
      });
      if (variant === 'fixed') {
        parentsEnd.close();
        task.say('closes its write end');
      }
      for await (const message of pipe.openReader()) {
        await task.step();
        received.push(message);
        task.say(`read ${message}`);
      }
      task.say('end of the pipe');
    });
    const outcome = await scheduler.run();
    const isStuck = outcome.kind === 'stuck';
    return {
      unit: 'steps',
      lanes: scheduler.lanes('steps'),
      log: scheduler.log,
      values: { received: received.length, 'write ends open': pipe.writers },
      ...(isStuck ? { stuck: outcome.stuck } : {}),
      checks: [
        equal('ends by itself', variant === 'fixed', outcome.kind === 'finished'),
        equal('messages received', messages, received.length),
        equal('write ends still open', variant === 'fixed' ? 0 : 1, pipe.writers),
      ],
      defect: isStuck ? 'the parent holds a write end of the pipe that it reads from: the end never comes' : null,
      verdict: isStuck
        ? 'close the end you do not use: the reader itself may be the writer it waits for'
        : `${received.length} messages, then the end`,
    };
  },
});
