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
