import { gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { Semaphore } from '../../../src/concurrency/semaphore.ts';
import { RobotsReading } from '../../../src/engine/robots-reading.ts';
import { CancelledError } from '../../../src/model/errors.ts';

const four = (): Semaphore => new Semaphore({ capacity: 4 });

const BODY = Buffer.from('User-agent: *\nDisallow: /x\n');

it('gives the octets of a file and its rules', async () => {
  const read = await new RobotsReading('weir', four()).read(gzipSync(BODY), 'gzip');
  expect(Buffer.from(read?.octets ?? [])).toEqual(BODY);
  expect(read?.file.rules.isAllowed('/x')).toBe(false);
});

it('reads few of many files at a time, and all of them in the end', async () => {
  const permits = four();
  const reading = new RobotsReading('weir', permits);
  const reads = Array.from({ length: 20 }, (_, i) => reading.read(BODY, i % 5 === 0 ? 'unknown' : null));
  expect(permits.waiting).toBe(16);
  const found = await Promise.all(reads);
  expect(found.map((read) => read?.file.rules.isAllowed('/x') ?? null)).toEqual(
    found.map((_, i) => (i % 5 === 0 ? null : false)),
  );
  expect(permits.waiting).toBe(0);
});

it('waits no longer when it is cancelled', async () => {
  const reading = new RobotsReading('weir', four());
  const running = Array.from({ length: 4 }, () => reading.read(BODY, null));
  const abort = new AbortController();
  const late = reading.read(BODY, null, abort.signal);
  abort.abort();
  await expect(late).rejects.toThrow(CancelledError);
  expect(await Promise.all(running)).toHaveLength(4);
});
