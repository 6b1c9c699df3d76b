import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decodeReferences,
  decodeTextEntities,
  knownReference,
  pieceEnd,
  referenceEnd,
} from '../../../src/parse/entities.ts';

/** As `html.ts` reads text: piece by piece. */
function decoded(text: string): string {
  const bytes = Buffer.from(text);
  const parts: Uint8Array[] = [];
  let at = 0;
  for (let next = bytes.indexOf('&'); next !== -1; next = bytes.indexOf('&', at)) {
    parts.push(bytes.subarray(at, next));
    at = referenceEnd(bytes, next, bytes.length);
    let meant = knownReference(bytes, next, at);
    if (meant === null) {
      at = pieceEnd(bytes, next, at, bytes.length);
      meant = decodeReferences(bytes, next, at);
    }
    parts.push(meant);
  }
  return Buffer.concat([...parts, bytes.subarray(at)]).toString();
}

const PIECES =
  `& &amp &lt; &# &#x 6 41 f G g ; 0 000000000 1114112 é 水 # &notin; &not in &thetasym &CounterClockwiseContourIntegral;
  &NotEqualTilde; &Gt; &x = /`.split(/[ \n]+/);
const piece = fc.constantFrom(' ', ...PIECES);

function checkPieces(): void {
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), fc.nat(4_000), (pieces, filler) => {
      const text = `${pieces.join('')}${'x'.repeat(filler)}${pieces.join('')}`;
      expect(decoded(text)).toBe(decodeTextEntities(text));
    }),
    { numRuns: 2_000 },
  );
}

describe('references in text', () => {
  it('mean one by one what they mean as a whole', checkPieces);

  it.each([
    ['x <&amp; y <&eacute;', 'x <& y <é'],
    ['</&amp; </titl&amp;</title>&amp;</textarea>&lt;', '</& </titl&</title>&</textarea><'],
  ])('are read behind any < (%s)', (text, meaning) => {
    expect(decodeTextEntities(text)).toBe(meaning);
  });

  it.each([
    ['zeros', `&#${'0'.repeat(9_000)}65;b`, 'Ab'],
    ['zeros, hexadecimal', `&#X${'0'.repeat(9_000)}4aB`, '\u04ab'],
    ['zeros and nothing else', `&#${'0'.repeat(9_000)}`, '\ufffd'],
    ['digits', `&#${'1'.repeat(9_000)};b`, '\ufffdb'],
    ['letters', `&${'a'.repeat(9_000)};`, `&${'a'.repeat(9_000)};`],
    ['letters behind a name', `&lt${'a'.repeat(9_000)};`, `<${'a'.repeat(9_000)};`],
  ])('may have any number of %s', (_, text, meaning) => {
    expect(decoded(text)).toBe(meaning);
    expect(decodeTextEntities(text)).toBe(meaning);
  });

  it('mean the same when more of them have passed than are remembered', () => {
    const many = Array.from({ length: 3_000 }, (_, n) => `&${n.toString(36)};&amp;é`).join('');
    expect(decoded(many)).toBe(decodeTextEntities(many));
    checkPieces();
  });
});
