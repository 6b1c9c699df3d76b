import { expect, test } from 'vitest';
import { LookupHealth } from '../../../src/fetch/lookup-health.ts';
import { localNames } from '../../../src/fetch/lookup.ts';
import { Resolver, type LookupCallback, type ResolvedAddress } from '../../../src/fetch/resolver.ts';
import { ManualClock } from '../../../src/model/clock.ts';

interface Rig {
  readonly clock: ManualClock;
  readonly asked: { readonly name: string; readonly answer: LookupCallback }[];
  /** Addresses or error code, in the order of the answers. */
  readonly got: string[];
  readonly ask: (name: string) => void;
}

function rig(): Rig {
  const clock = new ManualClock();
  const asked: { name: string; answer: LookupCallback }[] = [];
  const got: string[] = [];
  const resolver = new Resolver({
    clock,
    timeoutMs: 10_000,
    lookup: (name, answer) => asked.push({ name, answer }),
    warn: () => undefined,
  });
  return {
    clock,
    asked,
    got,
    ask: (name) =>
      resolver.resolve(name, (error, addresses) =>
        got.push(
          error === null ? addresses.map((one) => one.address).join(' ') : String((error as { code?: unknown }).code),
        ),
      ),
  };
}

const PUBLIC: ResolvedAddress = { address: '192.0.2.1', family: 4 };

function coded(code: string): Error {
  return Object.assign(new Error('no'), { code });
}

test('literals and loopback names are answered at once, without asking anybody', () => {
  const { asked, got, ask } = rig();
  for (const name of ['192.0.2.7', '2001:db8::1', 'a.localhost', 'b.a.localhost.', 'localhost']) ask(name);
  expect(got).toEqual(['192.0.2.7', '2001:db8::1', '127.0.0.1', '127.0.0.1', '127.0.0.1 ::1']);
  expect(asked).toEqual([]);
});

test('a name that is being looked up is not looked up again', () => {
  const { asked, got, ask } = rig();
  ask('a.test');
  ask('a.test');
  expect(asked).toHaveLength(1);
  asked[0]?.answer(null, [PUBLIC]);
  expect(got).toEqual(['192.0.2.1', '192.0.2.1']);
});

test.each([
  ['as long as it is valid', 20_000, 20_000],
  ['a minute where it does not say', null, 60_000],
  ['not too short a time', 0, 5_000],
  ['not for ever', 86_400_000, 300_000],
])('an answer is kept %s', (_name, ttlMs, keptMs) => {
  const { asked, ask, clock } = rig();
  ask('a.test');
  asked[0]?.answer(null, [PUBLIC], ttlMs);
  clock.advance(keptMs - 1);
  ask('a.test');
  expect(asked).toHaveLength(1);
  clock.advance(1);
  ask('a.test');
  expect(asked).toHaveLength(2);
});

test('"no such name" is asked once more, and then believed for half a minute', () => {
  const { asked, got, ask, clock } = rig();
  for (let i = 0; i < 2; i++) {
    ask('a.test');
    asked[i]?.answer(coded('ENOTFOUND'), []);
  }
  clock.advance(29_999);
  ask('a.test');
  expect(got).toEqual(['ENOTFOUND', 'ENOTFOUND', 'ENOTFOUND']);
  expect(asked).toHaveLength(2);
  clock.advance(1);
  ask('a.test');
  asked[2]?.answer(null, [PUBLIC]);
  expect(got.at(-1)).toBe('192.0.2.1');
});

test('trouble of the name server is kept for a second only: the retries are to find out whether it passes', () => {
  const { asked, ask, clock } = rig();
  for (let i = 0; i < 2; i++) {
    ask('a.test');
    asked[i]?.answer(coded('ESERVFAIL'), []);
  }
  clock.advance(999);
  ask('a.test');
  expect(asked).toHaveLength(2);
  clock.advance(1);
  ask('a.test');
  expect(asked).toHaveLength(3);
});

test('a look-up without an answer ends after its time, and a late answer is not mistaken for the next one', () => {
  const { asked, got, ask, clock } = rig();
  ask('a.test');
  clock.advance(10_000);
  expect(got).toEqual(['ETIMEOUT']);
  ask('a.test');
  asked[0]?.answer(null, [PUBLIC]);
  expect(got).toEqual(['ETIMEOUT']);
  asked[1]?.answer(null, [{ address: '192.0.2.2', family: 4 }]);
  expect(got).toEqual(['ETIMEOUT', '192.0.2.2']);
});

test('a name without addresses is an error', () => {
  const { asked, got, ask } = rig();
  ask('a.test');
  asked[0]?.answer(null, []);
  expect(got).toEqual(['ENODATA']);
});

test('names that the system knows or completes are not for name servers', () => {
  const isLocal = localNames('search corp.example\nnameserver 192.0.2.53\n', '127.0.0.1 vm VM.Home # x.example\n');
  expect(['vm', 'intranet', 'vm.home', 'vm.home.', 'printer.local'].filter(isLocal)).toHaveLength(5);
  expect(['example.com', 'a.corp.example', 'x.example', 'intranet.'].filter(isLocal)).toEqual([]);
  const inCluster = localNames('nameserver 192.0.2.53\noptions edns0 ndots:5\n', '');
  expect(['db.shop', 'www.a.example.com', 'a.b.c.d.example.com'].map(inCluster)).toEqual([true, true, false]);
});

function warnings(codes: readonly (string | null)[]): string[] {
  const said = new Map<string, string>();
  const health = new LookupHealth((key, message) => said.has(key) || said.set(key, message));
  for (const code of codes) health.ended(code);
  return [...said.values()];
}

test('look-ups that fail too often are said, with what to do about it', () => {
  const fine = Array<null>(60).fill(null);
  expect(warnings([...fine, 'ETIMEOUT', 'ETIMEOUT', 'ETIMEOUT'])).toEqual([]);
  expect(warnings([...fine, 'ETIMEOUT', 'ESERVFAIL', 'ETIMEOUT', 'ETIMEOUT'])).toEqual([
    '4 of 64 look-ups of host names failed without an answer (ETIMEOUT): the resolver may be overloaded; use fewer fetches ' +
      'at a time (-c) or a resolver on this machine, and try those URLs again with crawl retry --error dns',
  ]);
  expect(warnings([...fine, ...Array<string>(5).fill('ENOTFOUND')])[0]).toContain('found no such name');
  // Too few to judge by.
  expect(warnings(Array<string>(49).fill('ETIMEOUT'))).toEqual([]);
});
