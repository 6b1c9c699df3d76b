/** Fetch stage: whom a connection goes to. */
import { plainHost } from '../url/plain-host.ts';

export interface Target {
  /** scheme://host:port, for the TLS session cache. */
  readonly origin: string;
  readonly secure: boolean;
  /** Without brackets around IPv6 addresses. */
  readonly hostname: string;
  /** With them: as in URLs. */
  readonly urlHost: string;
  /** As the schedule and the database have it: with them, but without a dot at the end. */
  readonly host: string;
  readonly port: number;
}

export function targetOf(url: URL): Target {
  const secure = url.protocol === 'https:';
  const urlHost = url.hostname;
  const hostname = urlHost.startsWith('[') ? urlHost.slice(1, -1) : urlHost;
  const port = url.port === '' ? (secure ? 443 : 80) : Number(url.port);
  return { origin: url.origin, secure, hostname, urlHost, host: plainHost(urlHost), port };
}
