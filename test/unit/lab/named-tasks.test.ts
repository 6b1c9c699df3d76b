import { expect, test } from 'vitest';
import { experiment as subclassFetcher } from '../../../src/lab/subclass-fetcher.ts';
import { experiment as ticker } from '../../../src/lab/ticker.ts';
import { experiment as twoTasks } from '../../../src/lab/two-tasks.ts';
import { expectAsExpected, runLab } from '../../support/lab.ts';

test('ticker: a number a second, and the last line strictly after the last second', async () => {
  const run = await runLab(ticker);
  expectAsExpected(run);
  expect(run.result.log?.map(({ at, text }) => `${at} ${text}`)).toEqual([
    '0 Number: 0',
    '1000 Number: 1',
    '2000 Number: 2',
    '3000 Number: 3',
    '4000 Number: 4',
    '5000 Thread has finished executing',
  ]);
});

test('two-tasks: the faster one ends first, under its own name, whichever it is', async () => {
  expect((await runLab(twoTasks)).result.values['order of ending']).toEqual(['Thread-2', 'Thread-1']);
  const slow = await runLab(twoTasks, { flags: { second: '3s' } });
  expectAsExpected(slow);
  expect(slow.result.lanes.map(({ name }) => name)).toEqual(['main', 'Thread-1', 'Thread-2']);
});

test('subclass-fetcher: nothing before join(), both results after the slower one', async () => {
  const { result } = await runLab(subclassFetcher);
  expect(result.values['before join()']).toEqual([null, null]);
  expect(result.values['after join()']).toEqual(['the data of fetcher 1', 'the data of fetcher 2']);
  expect(result.log?.at(-1)?.at).toBe(4000);
});
