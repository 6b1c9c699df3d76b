/** Laboratory: a parent starts a child and waits for it: pids on both sides, and the status that the child ends with. */
import { equal, holds } from './support/checks.ts';
import { Family, logOf } from './support/child.ts';
import { defineExperiment, type Experiment } from './support/experiment.ts';
import { integer } from './support/parameters.ts';

export const experiment: Experiment = defineExperiment({
  name: 'fork',
  topic: 'Processes and shared memory',
  rows: ['4.17'],
  summary: 'A process starts a child, waits until it has ended, and reads the status it ended with.',
  watch: [
    'whose parent is whose, and the status: it is all that a process leaves behind. Somebody has to collect it.',
    'os.fork copies the whole running program; here a new one is started, which shares nothing and knows only its arguments.',
  ],
  parameters: { status: integer('status that the child ends with', 7, { min: 0, max: 255 }) },
  isSeeded: false,
  hasBroken: false,
  async run({ parameters: { status } }) {
    await using family = new Family();
    const child = family.start('child', 'processes', 'introduce', String(status));
    const ended = await child.ended;
    const [, pid, parent] = /pid (\d+), parent (\d+)/.exec(child.lines[0]?.text ?? '') ?? [];
    const end = child.lane.spans[0]?.to ?? 0;
    return {
      unit: 'ms',
      lanes: [{ name: 'parent', spans: [{ from: 0, to: end, kind: 'waits', label: 'the child' }] }, child.lane],
      log: [
        { at: 0, step: 0, task: 'parent', text: `pid ${process.pid}, started ${child.pid}` },
        ...logOf([child]),
        { at: end, step: 0, task: 'parent', text: `child ${child.pid} ended with status ${String(ended.status)}` },
      ],
      values: { 'pid of the parent': process.pid, 'pid of the child': child.pid, status: ended.status },
      checks: [
        holds("child's pid, the same by itself and by its parent", child.pid === Number(pid), String(pid)),
        holds("the child's parent is this process", process.pid === Number(parent), String(parent)),
        equal('status collected', status, ended.status ?? `signal ${String(ended.signal)}`),
      ],
      defect: null,
      verdict: `child ${child.pid} of parent ${process.pid} ended with status ${String(ended.status)}`,
    };
  },
});
