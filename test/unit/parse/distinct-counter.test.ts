import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DistinctCounter } from '../../../src/parse/distinct-counter.ts';

test('counts as a set of strings does', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ maxLength: 2 }), { maxLength: 2_000 }), (texts) => {
      const counter = new DistinctCounter();
      for (const text of texts) counter.add(text);
      expect(counter.count).toBe(new Set(texts).size);
    }),
  );
});
