import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { concurrencyParts } from '../../bench/parts/concurrency.ts';
import { pageParts } from '../../bench/parts/pages.ts';
import { storeParts } from '../../bench/parts/store.ts';

test('docs/bench.md names each part of bench:parts with the range that the command judges by', () => {
  const text = readFileSync(new URL('../../../docs/bench.md', import.meta.url), 'utf8');
  const documented = [...text.matchAll(/^\| ([\w-]+) \|.*\| ([\d.]+)–([\d.]+) \|$/gm)];
  expect(documented.map(([, id, least, most]) => [id, Number(least), Number(most)])).toEqual(
    [...concurrencyParts, ...pageParts, ...storeParts].map(({ id, expected }) => [id, ...expected]),
  );
});
