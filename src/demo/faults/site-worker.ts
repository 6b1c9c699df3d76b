/** The thread in which the fault site serves. Out, once: the ports it listens on. Owned and ended by `site.ts`. */
import { createServer, type AddressInfo } from 'node:net';
import { parentPort } from 'node:worker_threads';
import type { ServedPorts } from './site.ts';
import { startFaultServer } from './server.ts';

// A TLS port that breaks off as soon as it hears the client's hello.
const resetting = createServer((socket) => {
  socket.on('error', () => socket.destroy());
  socket.once('data', () => socket.resetAndDestroy());
});
await new Promise<void>((resolve) => resetting.listen(0, '127.0.0.1', resolve));

const [http, https, selfSigned, expired, wrongHost] = await Promise.all([
  startFaultServer(),
  startFaultServer({ tls: 'good' }),
  startFaultServer({ tls: 'self-signed' }),
  startFaultServer({ tls: 'expired' }),
  startFaultServer({ tls: 'wrong-host' }),
]);

const ports: ServedPorts = {
  http: http.port,
  https: https.port,
  'self-signed': selfSigned.port,
  expired: expired.port,
  'wrong-host': wrongHost.port,
  resetting: (resetting.address() as AddressInfo).port,
};
parentPort?.postMessage(ports);
