/** The thread in which the fault site serves. Out, once: the ports it listens on. Owned and ended by `site.ts`. */
import { get } from 'node:http';
import { createServer, type AddressInfo } from 'node:net';
import { parentPort } from 'node:worker_threads';
import { BOMBS } from './manifest.ts';
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

// Made before anybody is there to wait: while this thread compresses, no other fault is answered.
for (const { at } of BOMBS) {
  if (typeof at.path === 'string') await ask(`http://127.0.0.1:${http.port}${at.path}`);
}

const ports: ServedPorts = {
  http: http.port,
  https: https.port,
  'self-signed': selfSigned.port,
  expired: expired.port,
  'wrong-host': wrongHost.port,
  resetting: (resetting.address() as AddressInfo).port,
};
parentPort?.postMessage(ports);

function ask(url: string): Promise<void> {
  return new Promise((resolve, reject) => {
    get(url, { agent: false }, (response) => response.resume().once('end', resolve)).once('error', reject);
  });
}
