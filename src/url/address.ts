/**
 * Which addresses are not the public internet. Decides the default politeness of a host (a private one that the user
 * listed is asked faster) and shows a private literal before any connection.
 *
 * Fail-safe: only what is known to be public counts as public. An IPv6 address that carries an IPv4 address (mapped,
 * compatible, translated, NAT64, 6to4) is as private as the address inside: the connection ends there.
 */
import { createRequire } from 'node:module';
import type ipaddr from 'ipaddr.js';

let library: typeof ipaddr | undefined;
let ranges: (readonly [first: number, last: number])[] | undefined;

const DOT = 0x2e;
const DIGIT_0 = 0x30;
const DIGIT_9 = 0x39;

/** Loaded at the first IP literal: 4 ms that a run over plain host names does not pay. */
function addresses(): typeof ipaddr {
  library ??= createRequire(import.meta.url)('ipaddr.js') as typeof ipaddr;
  return library;
}

/**
 * True unless `ip` (IPv4, IPv6 with or without brackets or zone) is a global unicast address: loopback, RFC 1918,
 * link-local, unique local, carrier-grade NAT (RFC 6598), unspecified, multicast, broadcast, documentation, benchmarking
 * and other reserved ranges are private; so is a text that is not an address.
 */
export function isPrivateAddress(ip: string): boolean {
  const number = dottedDecimal(ip);
  if (number !== -1) return specialRanges().some(([first, last]) => number >= first && number <= last);
  const text = ip.startsWith('[') && ip.endsWith(']') ? ip.slice(1, -1) : ip;
  if (!addresses().isValid(text)) return true;
  const address = addresses().parse(text);
  const inner = 'parts' in address ? embeddedIpv4(address.parts) : null;
  return (inner ?? address).range() !== 'unicast';
}

/**
 * True for `localhost`, names under it and private IP literals, false for public IP literals, `null` for every other name
 * (only DNS can tell). `host` as in a canonical URL, where every spelling of an IPv4 address is already dotted decimal.
 */
export function isPrivateHostName(host: string): boolean | null {
  if (host.startsWith('[') || host.includes(':') || /^[\d.]+$/.test(host)) return isPrivateAddress(host);
  return /(?:^|\.)localhost\.?$/i.test(host) ? true : null;
}

/** The IPv4 address at the end of the way, from the eight 16-bit parts of an IPv6 address; `null` if there is none. */
function embeddedIpv4(parts: readonly number[]): ipaddr.IPv4 | null {
  const [p0 = 0, p1 = 0, p2 = 0, p3 = 0, p4 = 0, p5 = 0, p6 = 0, p7 = 0] = parts;
  // RFC 3056 §2: 2002:V4ADDR::/48.
  if (p0 === 0x2002) return ipv4(p1, p2);
  // RFC 6052 §2.1: the well-known NAT64 prefix 64:ff9b::/96.
  if (p0 === 0x64 && p1 === 0xff9b && (p2 | p3 | p4 | p5) === 0) return ipv4(p6, p7);
  if ((p0 | p1 | p2 | p3) !== 0) return null;
  // RFC 4291 §2.5.5.2 (mapped) and RFC 2765 §2.1 (translated).
  if ((p4 === 0 && p5 === 0xffff) || (p4 === 0xffff && p5 === 0)) return ipv4(p6, p7);
  // RFC 4291 §2.5.5.1 (compatible, deprecated); `::` and `::1` are IPv6 addresses of their own.
  return (p4 | p5) === 0 && p6 !== 0 ? ipv4(p6, p7) : null;
}

function ipv4(high: number, low: number): ipaddr.IPv4 {
  return new (addresses().IPv4)([high >> 8, high & 0xff, low >> 8, low & 0xff]);
}

/**
 * The IPv4 address as a number if it is spelt `d.d.d.d` without leading zeros, else -1. A crawl of hosts named by address asks
 * several times a host, and objects of the library were a tenth of all that such a run allocates (`test/bench/broad.ts`).
 */
function dottedDecimal(text: string): number {
  if (text.length > 15) return -1;
  let address = 0;
  let part = -1;
  let dots = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === DOT && part !== -1) {
      address = address * 256 + part;
      part = -1;
      dots++;
    } else if (code >= DIGIT_0 && code <= DIGIT_9 && part !== 0) {
      part = Math.max(part, 0) * 10 + (code - DIGIT_0);
      if (part > 255) return -1;
    } else {
      return -1;
    }
  }
  return dots === 3 && part !== -1 ? address * 256 + part : -1;
}

/** The library's own table, as numbers. */
function specialRanges(): (readonly [first: number, last: number])[] {
  // Not in its types.
  const { SpecialRanges } = addresses().IPv4.prototype as unknown as SpecialRangesOfIpv4;
  ranges ??= Object.values(SpecialRanges).flat().map(firstAndLast);
  return ranges;
}

interface SpecialRangesOfIpv4 {
  readonly SpecialRanges: Readonly<Record<string, readonly (readonly [network: ipaddr.IPv4, prefix: number])[]>>;
}

function firstAndLast([network, prefix]: readonly [ipaddr.IPv4, number]): readonly [first: number, last: number] {
  const first = network.octets.reduce((sum, octet) => sum * 256 + octet, 0);
  return [first, first + 2 ** (32 - prefix) - 1];
}
