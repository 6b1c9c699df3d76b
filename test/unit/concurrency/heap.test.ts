import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MinHeap, type HeapEntry } from '../../../src/concurrency/heap.ts';

interface Entry extends HeapEntry {
  key: number;
}

const byKey = (a: Entry, b: Entry): boolean => a.key < b.key;

test('the smallest entry is on top after any pushes, removals and changes of key', () => {
  const operation = fc.record({
    kind: fc.constantFrom('push', 'push', 'remove', 'change'),
    key: fc.integer({ min: 0, max: 300 }),
    at: fc.nat(),
  });
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 120, size: 'max' }), (operations) => {
      const heap = new MinHeap<Entry>(byKey);
      const model: Entry[] = [];
      for (const { kind, key, at } of operations) {
        const chosen = model[at % Math.max(1, model.length)];
        if (kind === 'push' || chosen === undefined) {
          const entry = { key, heapIndex: -1 };
          heap.push(entry);
          model.push(entry);
        } else if (kind === 'remove') {
          heap.remove(chosen);
          expect(chosen.heapIndex).toBe(-1);
          model.splice(model.indexOf(chosen), 1);
        } else {
          chosen.key = key;
          heap.push(chosen);
        }
        expect(heap.size).toBe(model.length);
        expect(heap.peek()?.key).toBe(model.length === 0 ? undefined : Math.min(...model.map((entry) => entry.key)));
      }
      const keys = model.map((entry) => entry.key).sort((a, b) => a - b);
      for (const key of keys) {
        const smallest = heap.peek() as Entry;
        expect(smallest.key).toBe(key);
        heap.remove(smallest);
      }
    }),
    { numRuns: 400 },
  );
});

test('removing an entry that is in no heap does nothing', () => {
  const heap = new MinHeap<Entry>(byKey);
  heap.push({ key: 1, heapIndex: -1 });
  heap.remove({ key: 0, heapIndex: -1 });
  expect(heap.size).toBe(1);
});
