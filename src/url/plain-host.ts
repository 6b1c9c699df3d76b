/**
 * The host a name stands for: what politeness, limits of a host, its settings and the database go by. `example.com.` is
 * `example.com` written out to the root of DNS (RFC 1034 §3.1): another URL, but the same server, which must not be asked
 * twice as fast under two names.
 *
 * In: `URL.hostname`. Out: the same without one dot at its end. Only one: what ends in two is no name that DNS knows.
 */
export function plainHost(hostname: string): string {
  const end = hostname.length - 1;
  return end > 0 && hostname[end] === '.' && hostname[end - 1] !== '.' ? hostname.slice(0, end) : hostname;
}
