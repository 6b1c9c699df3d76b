/** What is said to have held a run up. */
import { expect, test } from 'vitest';
import { diagnose, type Sample } from '../../../src/engine/meter.ts';

const IDLE: Sample = {
  waitingFor: 'nothing',
  readyUrls: 0,
  importing: false,
  mainBusy: 0.1,
  parserBusy: 0.1,
  storeBusy: 0.1,
};

test.each<[string, Partial<Sample>]>([
  ['concurrency', { waitingFor: 'permit' }],
  ['network', { waitingFor: 'permit', mainBusy: 0.95 }],
  ['parsing', { waitingFor: 'permit', parserBusy: 0.95 }],
  ['parsing', { waitingFor: 'window', parserBusy: 0.9, storeBusy: 0.2 }],
  ['storage', { waitingFor: 'window', parserBusy: 0.2, storeBusy: 0.9 }],
  ['politeness', { waitingFor: 'url', readyUrls: 7 }],
  ['storage', { waitingFor: 'url', storeBusy: 0.95 }],
  ['input', { waitingFor: 'url', importing: true }],
  ['nothing', { waitingFor: 'url' }],
  ['network', { waitingFor: 'nothing' }],
])('names the resource that holds a run up: %s, where %o', (resource, sample) => {
  expect(diagnose({ ...IDLE, ...sample })).toBe(resource);
});
