import fc from 'fast-check';
import { expect, it } from 'vitest';
import { HostNames } from '../../../src/store/host-names.ts';
import { urlHash } from '../../../src/url/hash.ts';

/** As the table of hosts uses it: what is not known is remembered. */
function ask(names: HostNames, name: string, hash: number, id: number): number | null {
  const known = names.idOf(name, hash);
  if (known === null) names.remember(name, hash, id);
  return known;
}

it('never takes one name for another, though their hashes are equal', () => {
  const name = fc.oneof(
    fc.string({ maxLength: 4 }),
    fc.constantFrom('a', 'a.test', 'a.test\u0100', 'š', 'a'.repeat(255), 'a'.repeat(256), 'a'.repeat(511)),
  );
  fc.assert(
    fc.property(fc.array(name, { maxLength: 100 }), (asked) => {
      const names = new HostNames();
      const ids = new Map<string, number>();
      for (const text of asked) {
        const id = ids.get(text) ?? 2 ** 32 - 1 - ids.size;
        ids.set(text, id);
        const known = ask(names, text, text.length % 2, id);
        if (known !== null) expect(known).toBe(id);
      }
    }),
  );
});

it('remembers the 65,536 names asked for last, but for one in a thousand, and what is asked for again and again', () => {
  const names = new HostNames();
  const nameOf = (id: number): string => `www.site-${id}.test`;
  let [mistaken, often] = [0, 0];
  for (let id = 1; id <= 300_000; id++) {
    if (ask(names, nameOf(id), urlHash(nameOf(id)), id) !== null) mistaken++;
    if (id % 1_000 === 0 && names.idOf(nameOf(1), urlHash(nameOf(1))) === 1) often++;
  }
  let known = 0;
  for (let id = 300_000; id > 300_000 - 65_536; id--) {
    const found = names.idOf(nameOf(id), urlHash(nameOf(id)));
    if (found === id) known++;
    else if (found !== null) mistaken++;
  }
  expect([mistaken, often]).toEqual([0, 300]);
  expect(known).toBeGreaterThan(65_536 * 0.999);
});

it('takes no more memory for longer names, and then remembers fewer of them', () => {
  const names = new HostNames();
  const nameOf = (id: number): string => `${id}.${'long-label.'.repeat(20)}test`;
  for (let id = 1; id <= 60_000; id++) names.remember(nameOf(id), urlHash(nameOf(id)), id);
  let known = 0;
  for (let id = 60_000; id >= 1; id--) {
    const found = names.idOf(nameOf(id), urlHash(nameOf(id)));
    if (found !== null || id > 59_000) expect(found).toBe(id);
    if (found !== null) known++;
  }
  expect(known).toBeLessThan(25_000);
});
