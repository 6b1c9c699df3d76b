/** Laboratory: several downloads that only wait, all at the same time. */
import { equal, takes } from './support/checks.ts';
import { defineExperiment, type Experiment } from './support/experiment.ts';
import { peakOf } from './support/lanes.ts';
import { duration, integer } from './support/parameters.ts';

export const experiment: Experiment = defineExperiment({
  name: 'simulated-downloads',
  topic: 'Threads and tasks',
  rows: ['1.3'],
  summary: 'Several files are downloaded at once; each download is a wait of the same length.',
  watch: [
    'the bars: all of them lie under each other, so together they take as long as one, not as long as their sum.',
    'Who waits for a server computes nothing; a second wait costs no time that the first has not taken already.',
  ],
  parameters: {
    files: integer('files', 3, { max: 100 }),
    ms: duration('how long each download takes', '2s'),
  },
  isSeeded: true,
  hasBroken: false,
  async run({ parameters: { files, ms }, isReal, newScheduler }) {
    const scheduler = newScheduler();
    scheduler.spawn('main', async (task) => {
      const downloads = Array.from({ length: files }, (_, index) => {
        const name = `file${index + 1}.zip`;
        return scheduler.spawn(name, async (download) => {
          download.say(`Starting download of ${name}`);
          await download.work(ms, name);
          download.say(`Finished downloading ${name}`);
        });
      });
      for (const download of downloads) await task.join(download);
      task.say('All files have been downloaded.');
    });
    const outcome = await scheduler.run();
    const count = (start: string): number => scheduler.log.filter(({ text }) => text.startsWith(start)).length;
    const lanes = scheduler.lanes('ms');
    return {
      unit: 'ms',
      lanes,
      log: scheduler.log,
      values: { 'one after the other it would take, ms': files * ms },
      checks: [
        equal('ends by itself', true, outcome.kind === 'finished'),
        equal('downloads started', files, count('Starting')),
        equal('downloads finished', files, count('Finished')),
        equal('downloads at the same time', files, peakOf(lanes, 'works')),
        equal('the last line', 'All files have been downloaded.', scheduler.log.at(-1)?.text ?? 'none'),
        takes('time for all of them', ms, scheduler.log.at(-1)?.at ?? 0, isReal),
      ],
      defect: null,
      verdict: `${files} waits at once take as long as one of them`,
    };
  },
});
