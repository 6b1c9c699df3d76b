import { expect, test } from 'vitest';
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
  const resolver = new Resolver(clock, (name, answer) => asked.push({ name, answer }));
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

test('an answer is kept for a minute, an error is not', () => {
  const { asked, got, ask, clock } = rig();
  ask('a.test');
  asked[0]?.answer(Object.assign(new Error('no'), { code: 'EAI_AGAIN' }), []);
  ask('a.test');
  asked[1]?.answer(null, [PUBLIC]);
  clock.advance(59_999);
  ask('a.test');
  expect(asked).toHaveLength(2);
  clock.advance(1);
  ask('a.test');
  expect(asked).toHaveLength(3);
  expect(got).toEqual(['EAI_AGAIN', '192.0.2.1', '192.0.2.1']);
});

test('a name without addresses is an error', () => {
  const { asked, got, ask } = rig();
  ask('a.test');
  asked[0]?.answer(null, []);
  expect(got).toEqual(['ENODATA']);
});
