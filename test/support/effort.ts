/**
 * How much a test does whose cost grows with its number of cases: `quick` in `npm test`, `long` in `npm run test:long`, where
 * `test/integration/more-cases.long.ts` takes it along.
 */
export function effort(quick: number, long: number): number {
  return process.env['WEIR_TEST_LONG'] === '1' ? long : quick;
}
