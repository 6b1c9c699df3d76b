/**
 * Fetch stage: asks for the addresses of a host name, without memory (that is the resolver's).
 *
 * Two ways, by what the machine is set up for:
 * - name servers (c-ares in `dns.Resolver`): questions are packets on the event loop, so a hundred may be under way, and
 *   answers come with their time to live. For public names where /etc/resolv.conf names servers.
 * - the system (`getaddrinfo`): knows /etc/hosts, search domains and local names, but blocks one of libuv's four threads,
 *   shared with the file system, for as long as a name server is silent. For the names that need it, three at a time.
 *
 * Measured (20,000 names, A and AAAA, answers after 20 ms, client and server on two busy cores): 6.3 s by name servers. Three at
 * a time cannot take less than 133 s.
 */
import { lookup as systemLookup, type RecordWithTtl, Resolver as NameServers } from 'node:dns';
import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { networkInterfaces } from 'node:os';
import PQueue from 'p-queue';

export interface ResolvedAddress {
  readonly address: string;
  readonly family: 4 | 6;
}

/** `ttlMs` `null`: the answer does not say. */
export type LookupCallback = (
  error: Error | null,
  addresses: readonly ResolvedAddress[],
  ttlMs?: number | null,
) => void;

/** Finds the addresses of a host name. May call back at once; calls back once. */
export type Lookup = (hostname: string, callback: LookupCallback) => void;

/** One less than libuv has threads. */
const SYSTEM_AT_ONCE = 3;
/** Name servers answer thousands a second; small routers in between remember some hundred at a time. */
const NAME_SERVERS_AT_ONCE = 100;
/** A question that brings no answer is asked once more, and then waits twice as long. */
const TRIES = 2;

/**
 * The way for this machine. `timeoutMs`: what a look-up may take. `nameServers` (address:port) replaces those of the system,
 * for all names.
 */
export function machineLookup(timeoutMs: number, nameServers?: readonly string[]): Lookup {
  if (nameServers !== undefined) return queued(NAME_SERVERS_AT_ONCE, byNameServers(timeoutMs, nameServers));
  const askSystem = queued(SYSTEM_AT_ONCE, bySystem);
  const resolvConf = textOf('/etc/resolv.conf');
  // Elsewhere that file is missing, or not the whole truth (macOS has resolvers per domain).
  if (process.platform !== 'linux' || !/^\s*nameserver\s/m.test(resolvConf)) return askSystem;
  const askNameServers = queued(NAME_SERVERS_AT_ONCE, byNameServers(timeoutMs, null));
  const isLocal = localNames(resolvConf, textOf('/etc/hosts'));
  return (hostname, callback) => (isLocal(hostname) ? askSystem : askNameServers)(hostname, callback);
}

/** Names that the system knows, or completes, and that name servers are not to be asked for as they stand. */
export function localNames(resolvConf: string, hostsFile: string): (hostname: string) => boolean {
  const hosts = new Set<string>();
  for (const line of hostsFile.split('\n')) {
    const [, ...names] = line.replace(/#.*/, '').trim().toLowerCase().split(/\s+/);
    for (const name of names) hosts.add(name);
  }
  // resolv.conf(5): names with fewer dots are tried below the search domains first.
  const ndots = Number(/^\s*options\s.*\bndots:(\d+)/m.exec(resolvConf)?.[1] ?? 1);
  return (hostname) => {
    if (hostname.endsWith('.')) return hosts.has(hostname.slice(0, -1));
    return hostname.split('.').length <= ndots || hosts.has(hostname) || hostname.endsWith('.local');
  };
}

function queued(atOnce: number, ask: Lookup): Lookup {
  const questions = new PQueue({ concurrency: atOnce });
  return (hostname, callback) =>
    void questions.add(
      () =>
        new Promise<void>((resolve) => {
          ask(hostname, (...answer) => {
            callback(...answer);
            resolve();
          });
        }),
    );
}

function bySystem(hostname: string, callback: LookupCallback): void {
  systemLookup(hostname, { all: true }, (error, found) => {
    const addresses = error === null ? found : [];
    callback(
      error,
      addresses.map(({ address, family }) => ({ address, family: family === 6 ? 6 : 4 })),
    );
  });
}

/** A and, where this machine has an IPv6 address of its own, AAAA; IPv4 first. `null` = the system's servers. */
function byNameServers(timeoutMs: number, servers: readonly string[] | null): Lookup {
  const resolver = new NameServers({ timeout: Math.ceil(timeoutMs / 4), tries: TRIES });
  if (servers !== null) resolver.setServers(servers);
  const hasIpv6 = hasOwnIpv6();
  return (hostname, callback) => {
    const name = hostname.endsWith('.') ? hostname.slice(0, -1) : hostname;
    let open = hasIpv6 ? 2 : 1;
    let problem: NodeJS.ErrnoException | null = null;
    let ttl = Infinity;
    const found: { 4: ResolvedAddress[]; 6: ResolvedAddress[] } = { 4: [], 6: [] };
    const take = (family: 4 | 6) => (error: NodeJS.ErrnoException | null, records: RecordWithTtl[]) => {
      // "No such record" of one kind says nothing where the other kind has another problem.
      if (error !== null && (problem === null || problem.code === 'ENODATA')) problem = error;
      for (const record of error === null ? records : []) {
        ttl = Math.min(ttl, record.ttl);
        if (isIP(record.address) === family) found[family].push({ address: record.address, family });
      }
      if (--open > 0) return;
      const addresses = [...found[4], ...found[6]];
      callback(addresses.length > 0 ? null : problem, addresses, Number.isFinite(ttl) ? ttl * 1_000 : null);
    };
    resolver.resolve4(name, { ttl: true }, take(4));
    if (hasIpv6) resolver.resolve6(name, { ttl: true }, take(6));
  };
}

function hasOwnIpv6(): boolean {
  return Object.values(networkInterfaces()).some((addresses) =>
    addresses?.some(({ family, internal, address }) => family === 'IPv6' && !internal && !address.startsWith('fe80:')),
  );
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    // Not every system has it: then it says nothing.
    return '';
  }
}
