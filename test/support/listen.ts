/** A server of a test's own, of any kind, on a free port of 127.0.0.1. */
import type { AddressInfo, Server } from 'node:net';

/** Resolves to the port once it accepts connections. Whoever made the server closes it. */
export async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', resolve);
  });
  return portOf(server);
}

/** The port of a server that listens. */
export function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}
