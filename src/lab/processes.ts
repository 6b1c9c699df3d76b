/** Laboratory: several processes start, work and end; each has its own pid and prints two lines. */
import { equal, holds } from './support/checks.ts';
import { Family, logOf } from './support/child.ts';
import { defineExperiment, type Experiment } from './support/experiment.ts';
import { duration, integer } from './support/parameters.ts';

export const experiment: Experiment = defineExperiment({
  name: 'processes',
  topic: 'Processes and shared memory',
  rows: ['2.10'],
  summary: 'A parent starts processes, each of which prints a line, works for a while and prints another.',
  watch: [
    'the pids: each process has an interpreter and memory of its own. They overlap, also on several cores.',
    'The bars begin where a process was started; its first line comes later. That gap is what starting a process costs.',
  ],
  parameters: {
    processes: integer('processes', 4, { max: 16 }),
    ms: duration('how long each works', '200ms'),
  },
  isSeeded: false,
  hasBroken: false,
  async run({ parameters: { processes, ms } }) {
    await using family = new Family();
    for (let n = 1; n <= processes; n++) family.start(`process ${n}`, 'processes', 'work', String(n), String(ms));
    const ends = await family.join();
    const log = logOf(family.children);
    const pids = new Set(log.map(({ text }) => text.replace(/.*pid /, '')));
    const startMs = Math.round(Math.max(0, ...log.filter(({ text }) => text.includes('starting')).map(({ at }) => at)));
    return {
      unit: 'ms',
      lanes: family.children.map(({ lane }) => lane),
      log,
      values: { pids: [...pids].map(Number), 'until the last one ran, ms': startMs },
      checks: [
        equal('lines', 2 * processes, log.length),
        equal('different pids', processes, pids.size),
        equal('pid of the parent among them', false, pids.has(String(process.pid))),
        holds(
          'each starts before it is done',
          family.children.every(({ lines }) => lines[0]?.text.includes('starting') && lines[1]?.text.includes('done')),
          'in the lines of each',
        ),
        equal('ended with status 0', processes, ends.filter(({ status }) => status === 0).length),
      ],
      defect: null,
      verdict: `${processes} processes, ${pids.size} pids, ${log.length} lines; all joined`,
    };
  },
});
