import { expect, test } from 'vitest';
import { collect } from '../../../src/model/large-memory.ts';

const SIZE = 40_000_000;

test('what nobody holds any more is free after a collection', () => {
  const before = process.memoryUsage().arrayBuffers;
  // Twice: the first time compiles what collects.
  for (let i = 0; i < 2; i++) {
    fill();
    collect();
  }
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(SIZE);
});

function fill(): number {
  return Buffer.alloc(SIZE, 1).length;
}
