import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Deque } from '../../../src/concurrency/deque.ts';

test('behaves like an array, whatever is pushed, shifted and cleared', () => {
  const operation = fc.oneof(
    { weight: 5, arbitrary: fc.constant('push' as const) },
    { weight: 4, arbitrary: fc.constant('shift' as const) },
    { weight: 1, arbitrary: fc.constant('clear' as const) },
  );
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 200, size: 'max' }), (operations) => {
      const deque = new Deque<number>();
      let model: number[] = [];
      for (const [index, name] of operations.entries()) {
        if (name === 'push') {
          deque.push(index);
          model.push(index);
        } else if (name === 'shift') {
          expect(deque.shift()).toBe(model.shift());
        } else {
          deque.clear();
          model = [];
        }
        expect(deque.length).toBe(model.length);
      }
      for (const item of model) expect(deque.shift()).toBe(item);
      expect(deque.shift()).toBeUndefined();
    }),
  );
});
