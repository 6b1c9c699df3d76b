/** Lines of a list as two pieces of memory: what is unpacked is what was packed, also after the way through a port. */
import { once } from 'node:events';
import { MessageChannel } from 'node:worker_threads';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { SeedLine } from '../../src/model/seed.ts';
import { type PackedLines, packLines, releaseLines, transferOf, unpackLines } from '../../src/store/packed-lines.ts';

// ASCII alone takes another way than text that is not, lone surrogates included.
const ascii = fc.string({ unit: 'binary-ascii', maxLength: 20 });
const textOf = (text: fc.Arbitrary<string>): fc.Arbitrary<SeedLine[]> => {
  const columns = fc.option(text, { nil: null });
  const line = fc.nat({ max: Number.MAX_SAFE_INTEGER });
  const url = fc.record({
    kind: fc.constant('url' as const),
    line,
    url: text,
    host: text,
    bareHost: fc.boolean(),
    columns,
  });
  const rejected = fc.record({ kind: fc.constant('rejected' as const), line, raw: text, reason: text, columns });
  const blank = fc.record({ kind: fc.constant('blank' as const), line });
  return fc.array(fc.oneof(url, rejected, blank), { maxLength: 20 });
};
const anyLines = fc.oneof(textOf(ascii), textOf(fc.string({ unit: 'binary' })), textOf(fc.constant('a\ud800é')));

test('lines are the same when they are unpacked, as often as they are read', () => {
  fc.assert(
    fc.property(anyLines, (lines) => {
      const unpacked = unpackLines(packLines(lines));
      expect(unpacked).toHaveLength(lines.length);
      expect([...unpacked]).toEqual(lines);
      expect([...unpacked]).toEqual(lines);
    }),
  );
});

test('lines that are handed to another thread are gone here, and the same there until they are released', async () => {
  const { port1, port2 } = new MessageChannel();
  await fc.assert(
    fc.asyncProperty(anyLines, async (lines) => {
      const packed = packLines(lines);
      const arrived = once(port2, 'message');
      port1.postMessage(packed, transferOf(packed));
      expect(packed.rows).toHaveLength(0);
      const [there] = (await arrived) as [PackedLines];
      expect([...unpackLines(there)]).toEqual(lines);
      releaseLines(there);
      expect(there.text).toHaveLength(0);
      expect(there.rows).toHaveLength(0);
    }),
    { numRuns: 30 },
  );
  port1.close();
});

test('a password that was left in a line does not cross', () => {
  const line = {
    kind: 'url',
    line: 1,
    url: 'https://a.test/',
    host: 'a.test',
    bareHost: false,
    columns: null,
  } as const;
  const packed = packLines([{ ...line, authorization: 'Basic c2VjcmV0' }]);
  expect([...unpackLines(packed)]).toEqual([line]);
  expect(Buffer.from(packed.text).toString('latin1')).not.toContain('Basic');
});
