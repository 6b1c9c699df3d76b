import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ChunkSizes } from '../../../src/fetch/chunk-sizes.ts';

const bodyOf = (...chunks: string[]): string =>
  [...chunks.map((chunk) => `${chunk.length.toString(16)}\r\n${chunk}\r\n`), '0\r\n\r\n'].join('');

/** Whether any of the pieces brought a size above 1,000. */
function isAbove(pieces: readonly string[]): boolean {
  const sizes = new ChunkSizes(1_000);
  return pieces.some((piece) => sizes.read(Buffer.from(piece, 'latin1')));
}

test('sizes are found wherever the octets are cut, and nothing in a chunk is taken for one', () => {
  const cuts = fc.array(fc.nat(200), { maxLength: 8 });
  fc.assert(
    fc.property(fc.array(fc.string({ minLength: 1, maxLength: 40 }), { maxLength: 5 }), cuts, (chunks, at) => {
      const good = bodyOf('ffffffff\r\n', ...chunks.map((chunk) => Buffer.from(chunk).toString('latin1')));
      const bad = `${good.slice(0, -5)}3e9;ext=fff\r\n`;
      const piecesOf = (text: string): string[] => {
        const places = [0, ...at.filter((place) => place < text.length).sort((a, b) => a - b), text.length];
        return places.slice(1).map((place, i) => text.slice(places[i], place));
      };
      expect([isAbove(piecesOf(good)), isAbove(piecesOf(bad))]).toEqual([false, true]);
    }),
  );
});

test.each([
  ['3e8\r\n', false],
  ['3E9\r\n', true],
  ['00000000000000000000003e8\r\n', false],
  ['ffffffffffffffff', true],
  ['5;x=ffffffff\r\nhello\r\n3e9', true],
  ['0\r\nx: ffffffff\r\n\r\nffffffff', false],
])('%j', (body, expected) => {
  expect(isAbove([body])).toBe(expected);
});

test('the body is looked for behind the headers', () => {
  const head = 'HTTP/1.1 200 OK\r\nx-number: ffffffffffff\r\n\r\n';
  const at = (text: string): boolean => new ChunkSizes(1_000).readBehindHeaders(Buffer.from(text));
  expect([at(`${head}5\r\nhello`), at(`${head}ffff`), at('ffffffff')]).toEqual([false, true, false]);
});
