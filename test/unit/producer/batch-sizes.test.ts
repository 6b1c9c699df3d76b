import { expect, test } from 'vitest';
import type { Producer } from '../../../src/model/seed.ts';
import { IterableProducer } from '../../../src/producer/iterable-producer.ts';
import { START, listFile, openOne } from './support.ts';

const URLS = Array.from({ length: 30 }, (_, n) => `http://a.test/${n}`);

async function sizesOf(producer: Producer): Promise<number[]> {
  const sizes: number[] = [];
  for await (const { lines } of producer.batches(START, 8, 2)) sizes.push(lines.length);
  // The last one may be empty: only then is it known that the source has ended.
  return sizes.filter((size) => size > 0);
}

test('the first batch of every kind of source is small, the next ones twice as large each time', async () => {
  const list = await openOne({ urls: [await listFile(`${URLS.join('\n')}\n`)] });
  const pattern = await openOne({ urlPattern: ['http://a.test/{0..29}'] });
  const iterable = new IterableProducer(null, URLS, () => undefined);
  for (const producer of [list, pattern, iterable]) expect(await sizesOf(producer)).toEqual([2, 4, 8, 8, 8]);
});
