/**
 * Fetch stage: host name in, addresses out.
 *
 * The system's resolver (`dns.lookup`, that is getaddrinfo) runs on libuv's four threads, shared with the file system: a few
 * slow name servers could hold up everything. So address literals and loopback names never touch it, questions for one name
 * are asked once, at most three are asked at a time (a p-queue: one thread stays free), and answers are kept for a minute
 * (getaddrinfo does not tell how long they are valid).
 *
 * Invariant: an answer is used as it is: the connector connects to the addresses that it was given here and to no others.
 */
import { lookup as systemLookup } from 'node:dns';
import { isIP } from 'node:net';
import PQueue from 'p-queue';
import type { Clock } from '../model/clock.ts';

export interface ResolvedAddress {
  readonly address: string;
  readonly family: 4 | 6;
}

export type LookupCallback = (error: Error | null, addresses: readonly ResolvedAddress[]) => void;

/** Finds the addresses of a host name. May call back at once. */
export type Lookup = (hostname: string, callback: LookupCallback) => void;

const LOOPBACK_4: ResolvedAddress = { address: '127.0.0.1', family: 4 };
const LOOPBACK_6: ResolvedAddress = { address: '::1', family: 6 };

/** One less than libuv has threads. */
const ASKED_AT_ONCE = 3;
const KEPT_MS = 60_000;
const MOST_KEPT = 4_096;

export class Resolver {
  readonly #clock: Clock;
  readonly #lookup: Lookup;
  readonly #kept = new Map<string, { readonly until: number; readonly addresses: readonly ResolvedAddress[] }>();
  readonly #questions = new PQueue({ concurrency: ASKED_AT_ONCE });
  /** Names being looked up, with everyone who waits for the answer. */
  readonly #asked = new Map<string, LookupCallback[]>();

  /** `lookup` replaces the system's resolver. */
  constructor(clock: Clock, lookup: Lookup = askSystem) {
    this.#clock = clock;
    this.#lookup = lookup;
  }

  /** The addresses of `hostname` (without brackets), in the resolver's order. Calls back at once where nothing is to be asked. */
  resolve(hostname: string, callback: LookupCallback): void {
    const known = addressesWithoutDns(hostname) ?? this.#keptFor(hostname);
    if (known !== null) {
      callback(null, known);
      return;
    }
    const waiting = this.#asked.get(hostname);
    if (waiting !== undefined) {
      waiting.push(callback);
      return;
    }
    this.#asked.set(hostname, [callback]);
    void this.#questions.add(() => this.#ask(hostname));
  }

  /** Never rejects: what goes wrong is the answer. */
  #ask(hostname: string): Promise<void> {
    return new Promise((resolve) => {
      this.#lookup(hostname, (error, addresses) => {
        this.#answer(hostname, error, addresses);
        resolve();
      });
    });
  }

  #answer(hostname: string, error: Error | null, addresses: readonly ResolvedAddress[]): void {
    const waiting = this.#asked.get(hostname) ?? [];
    this.#asked.delete(hostname);
    const problem = error ?? (addresses.length === 0 ? noAddress(hostname) : null);
    if (problem === null) this.#keep(hostname, addresses);
    for (const callback of waiting) callback(problem, addresses);
  }

  #keptFor(hostname: string): readonly ResolvedAddress[] | null {
    const entry = this.#kept.get(hostname);
    return entry !== undefined && entry.until > this.#clock.now() ? entry.addresses : null;
  }

  #keep(hostname: string, addresses: readonly ResolvedAddress[]): void {
    this.#kept.delete(hostname);
    if (this.#kept.size >= MOST_KEPT) {
      // A Map is in order of insertion, and every answer is inserted anew: the first one is the oldest.
      const oldest = this.#kept.keys().next();
      if (oldest.done !== true) this.#kept.delete(oldest.value);
    }
    this.#kept.set(hostname, { until: this.#clock.now() + KEPT_MS, addresses });
  }
}

/** The addresses of literals and loopback names, which no name server is asked about; else `null`. */
function addressesWithoutDns(hostname: string): readonly ResolvedAddress[] | null {
  return literal(hostname) ?? loopback(hostname);
}

function literal(hostname: string): readonly ResolvedAddress[] | null {
  const family = isIP(hostname);
  return family === 4 || family === 6 ? [{ address: hostname, family }] : null;
}

/** RFC 6761 §6.3: `localhost` and all names below it mean this machine, whatever a name server says. */
function loopback(hostname: string): readonly ResolvedAddress[] | null {
  const name = hostname.endsWith('.') ? hostname.slice(0, -1) : hostname;
  // Some development servers listen on ::1 only; it is tried where 127.0.0.1 refuses.
  if (name === 'localhost') return [LOOPBACK_4, LOOPBACK_6];
  return name.endsWith('.localhost') ? [LOOPBACK_4] : null;
}

function askSystem(hostname: string, callback: LookupCallback): void {
  systemLookup(hostname, { all: true }, (error, found) => {
    const addresses = error === null ? found : [];
    callback(
      error,
      addresses.map(({ address, family }) => ({ address, family: family === 6 ? 6 : 4 })),
    );
  });
}

function noAddress(hostname: string): Error {
  return Object.assign(new Error(`${hostname} has no address`), { code: 'ENODATA' });
}
