import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SlotMap } from '../../../src/concurrency/slot-map.ts';

test('it is a Map, whatever comes and goes', () => {
  const step = fc.record({ key: fc.nat(12), kind: fc.constantFrom('set', 'take', 'takeOldest'), value: fc.string() });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const model = new Map<number, string>();
      const slots = new SlotMap<string>();
      for (const { key, kind, value } of steps) {
        if (kind === 'set') {
          model.set(key, value);
          slots.set(key, value);
        } else if (kind === 'takeOldest') {
          const oldest = [...model][0];
          expect(slots.takeOldest()).toBe(oldest?.[1]);
          if (oldest !== undefined) model.delete(oldest[0]);
        } else {
          expect(slots.take(key)).toBe(model.get(key));
          model.delete(key);
        }
        expect(slots.size).toBe(model.size);
        expect(slots.get(key)).toBe(model.get(key));
        expect([...slots.values()]).toEqual([...model.values()]);
        expect(slots.oldest()).toBe(model.values().next().value);
      }
    }),
  );
});
