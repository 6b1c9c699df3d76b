/**
 * Fetch stage: host name in, addresses out, with a memory.
 *
 * Address literals and loopback names are answered here. Other names are looked up (`lookup.ts`), one question at a time for a
 * name, each bounded in time. Answers are kept as long as they are valid, within bounds; a failure is kept for a moment,
 * but not the first one: "no such name" is worth one more question.
 *
 * Invariant: an answer is used as it is: the connector connects to the addresses that it was given here and to no others.
 */
import { isIP } from 'node:net';
import type { Clock } from '../model/clock.ts';
import { LookupHealth } from './lookup-health.ts';
import { type Lookup, type LookupCallback, machineLookup, type ResolvedAddress } from './lookup.ts';

export type { Lookup, LookupCallback, ResolvedAddress } from './lookup.ts';

export interface ResolverOptions {
  readonly clock: Clock;
  /** Limit of one look-up, ms. */
  readonly timeoutMs: number;
  /** Replaces the machine's way to look names up. */
  readonly lookup?: Lookup | undefined;
  /** Name servers (address:port) instead of the machine's. */
  readonly nameServers?: readonly string[] | undefined;
  /** Says something about the whole run, once per key. */
  readonly warn: (key: string, message: string) => void;
}

/** A name could not be resolved, whatever the reason: `code` as of getaddrinfo or c-ares. */
export class LookupFailure extends Error {
  override readonly name = 'LookupFailure';
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

interface Kept {
  readonly until: number;
  readonly error: LookupFailure | null;
  readonly addresses: readonly ResolvedAddress[];
}

const LOOPBACK_4: ResolvedAddress = { address: '127.0.0.1', family: 4 };
const LOOPBACK_6: ResolvedAddress = { address: '::1', family: 6 };

/** Where the answer does not say how long it is valid, and the bounds of what it may say. */
const USUAL_TTL_MS = 60_000;
const SHORTEST_TTL_MS = 5_000;
const LONGEST_TTL_MS = 300_000;
/** How long a second failure in a row is kept: "no such name", and trouble that may pass (the retries are to find out). */
const NO_SUCH_NAME_MS = 30_000;
const TROUBLE_MS = 1_000;
const MOST_KEPT = 8_192;

export class Resolver {
  readonly #clock: Clock;
  readonly #timeoutMs: number;
  readonly #nameServers: readonly string[] | undefined;
  readonly #health: LookupHealth;
  /** Made by the first name that is to be looked up: lists of addresses need none. */
  #lookup: Lookup | undefined;
  /** In order of insertion, and every answer is inserted anew: the first one is the oldest. */
  readonly #kept = new Map<string, Kept>();
  /** Names being looked up, with everyone who waits for the answer. */
  readonly #asked = new Map<string, LookupCallback[]>();

  constructor(options: ResolverOptions) {
    this.#clock = options.clock;
    this.#timeoutMs = options.timeoutMs;
    this.#lookup = options.lookup;
    this.#nameServers = options.nameServers;
    this.#health = new LookupHealth(options.warn);
  }

  /** The addresses of `hostname` (without brackets), in the resolver's order. Calls back at once where nothing is to be asked. */
  resolve(hostname: string, callback: LookupCallback): void {
    const local = addressesWithoutDns(hostname);
    if (local !== null) {
      callback(null, local);
      return;
    }
    const kept = this.#kept.get(hostname);
    if (kept !== undefined && kept.until > this.#clock.now()) {
      callback(kept.error, kept.addresses);
      return;
    }
    const waiting = this.#asked.get(hostname);
    if (waiting !== undefined) {
      waiting.push(callback);
      return;
    }
    this.#asked.set(hostname, [callback]);
    this.#ask(hostname);
  }

  #ask(hostname: string): void {
    this.#lookup ??= machineLookup(this.#timeoutMs, this.#nameServers);
    let isOpen = true;
    const end = (error: LookupFailure | null, addresses: readonly ResolvedAddress[], ttlMs: number | null): void => {
      if (!isOpen) return;
      isOpen = false;
      limit.cancel();
      this.#answer(hostname, error, addresses, ttlMs);
    };
    const limit = this.#clock.after(this.#timeoutMs, () =>
      end(new LookupFailure('ETIMEOUT', `${hostname} was not resolved within ${this.#timeoutMs} ms`), [], null),
    );
    this.#lookup(hostname, (error, addresses, ttlMs) => {
      if (error !== null) end(new LookupFailure(codeOf(error), error.message), [], null);
      else if (addresses.length === 0) end(new LookupFailure('ENODATA', `${hostname} has no address`), [], null);
      else end(null, addresses, ttlMs ?? null);
    });
  }

  #answer(
    hostname: string,
    error: LookupFailure | null,
    addresses: readonly ResolvedAddress[],
    ttlMs: number | null,
  ): void {
    this.#health.ended(error?.code ?? null);
    const keptMs =
      error === null
        ? Math.min(Math.max(ttlMs ?? USUAL_TTL_MS, SHORTEST_TTL_MS), LONGEST_TTL_MS)
        : this.#failureKeptMs(hostname, error);
    this.#keep(hostname, { until: this.#clock.now() + keptMs, error, addresses });
    const waiting = this.#asked.get(hostname) ?? [];
    this.#asked.delete(hostname);
    for (const callback of waiting) callback(error, addresses);
  }

  #failureKeptMs(hostname: string, error: LookupFailure): number {
    const before = this.#kept.get(hostname);
    if (before === undefined || before.error === null) return 0;
    return error.code === 'ENOTFOUND' || error.code === 'ENODATA' ? NO_SUCH_NAME_MS : TROUBLE_MS;
  }

  #keep(hostname: string, answer: Kept): void {
    this.#kept.delete(hostname);
    if (this.#kept.size >= MOST_KEPT) {
      const oldest = this.#kept.keys().next();
      if (oldest.done !== true) this.#kept.delete(oldest.value);
    }
    this.#kept.set(hostname, answer);
  }
}

/** The addresses of literals and loopback names, which no name server is asked about; else `null`. */
export function addressesWithoutDns(hostname: string): readonly ResolvedAddress[] | null {
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

function codeOf(error: Error): string {
  const { code } = error as { code?: unknown };
  return typeof code === 'string' ? code : 'EUNKNOWN';
}
