import fc from 'fast-check';
import { expect, test } from 'vitest';
import { peakOf, type Lane } from '../../../src/lab/support/lanes.ts';
import { legend, timelineLines } from '../../../src/lab/support/timeline.ts';

const LANES: readonly Lane[] = [
  { name: 'URL 1', spans: [{ from: 0, to: 2000, kind: 'works', label: 'page' }] },
  {
    name: 'URL 10',
    spans: [
      { from: 0, to: 2000, kind: 'waits' },
      { from: 2000, to: 3000, kind: 'works' },
      { from: 3000, to: 4000, kind: 'sleeps', isOpen: true },
    ],
  },
];

test('draws one row a task over a common scale', () => {
  expect(timelineLines(LANES, { width: 48, unit: 'ms' })).toEqual([
    'URL 1   █page███████████████',
    'URL 10  ░░░░░░░░░░░░░░░░░░░░██████████·········▶',
    '        0 ms                2.00 s              4.00 s',
  ]);
  expect(legend(LANES)).toBe('█ works   ░ waits   · sleeps   ▶ for ever');
});

test('draws in plain characters where asked, and steps as steps', () => {
  const lanes: Lane[] = [
    { name: 'A', spans: [{ from: 0, to: 1, kind: 'works' }] },
    { name: 'B', spans: [{ from: 1, to: 2, kind: 'works' }] },
  ];
  expect(timelineLines(lanes, { width: 80, unit: 'steps', isAscii: true })).toEqual([
    'A  ###',
    'B     ###',
    '   step 0',
  ]);
});

test('draws nothing where nothing happened', () => {
  expect(timelineLines([{ name: 'A', spans: [] }], { width: 80, unit: 'ms' })).toEqual([]);
  expect(timelineLines([], { width: 80, unit: 'ms' })).toEqual([]);
});

const lane = fc.record({
  name: fc.string({ minLength: 1, maxLength: 30, unit: 'grapheme-ascii' }),
  spans: fc.array(
    fc.record({
      from: fc.nat({ max: 1000 }),
      length: fc.nat({ max: 1000 }),
      kind: fc.constantFrom('works' as const, 'waits' as const, 'sleeps' as const),
    }),
    { maxLength: 6 },
  ),
});

test('rows fit the width, and whoever worked at all is seen to have', () => {
  fc.assert(
    fc.property(fc.array(lane, { maxLength: 5 }), fc.integer({ min: 45, max: 200 }), (drawn, width) => {
      const lanes: Lane[] = drawn.map(({ name, spans }) => ({
        name,
        spans: spans.map(({ from, length, kind }) => ({ from, to: from + length, kind })),
      }));
      const rows = timelineLines(lanes, { width, unit: 'ms' }).slice(0, -1);
      for (const [index, row] of rows.entries()) {
        expect(row.length).toBeLessThanOrEqual(width);
        const hasWorked = lanes[index]?.spans.some(({ kind, from, to }) => kind === 'works' && to > from) === true;
        if (hasWorked) expect(row).toContain('█');
      }
    }),
  );
});

test('the peak counts overlaps, and not spans that only touch', () => {
  const spans = (...pairs: [number, number][]): Lane => ({
    name: 'x',
    spans: pairs.map(([from, to]) => ({ from, to, kind: 'works' })),
  });
  expect(peakOf([spans([0, 2], [4, 6]), spans([2, 4]), spans([5, 7])], 'works')).toBe(2);
  expect(peakOf([], 'works')).toBe(0);
});
