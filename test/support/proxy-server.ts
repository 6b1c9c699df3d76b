/**
 * A small proxy on this machine: forwards http requests, tunnels for CONNECT, and speaks SOCKS 5 on the same port (its first
 * byte is 5). Every name leads to 127.0.0.1, so that targets need no name server. Notes what it was asked for.
 */
import http from 'node:http';
import net from 'node:net';
import { listen } from './listen.ts';

export interface ProxyServer extends AsyncDisposable {
  readonly port: number;
  /** 'GET http://…', 'CONNECT host:port', 'SOCKS host:port'. */
  readonly asked: string[];
}

export interface ProxyBehaviour {
  /** What Proxy-Authorization must be. */
  readonly authorization?: string;
  /** Answers every CONNECT with this status. */
  readonly connectStatus?: number;
}

export async function proxyServer({ authorization, connectStatus }: ProxyBehaviour = {}): Promise<ProxyServer> {
  const asked: string[] = [];
  const mayPass = (request: http.IncomingMessage): boolean =>
    authorization === undefined || request.headers['proxy-authorization'] === authorization;

  const server = http.createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    if (!mayPass(request)) {
      response.writeHead(407, { 'proxy-authenticate': 'Basic' }).end();
      return;
    }
    const { port, pathname, search } = new URL(request.url ?? '');
    const { 'proxy-authorization': _, ...headers } = request.headers;
    const onward = http.request({ host: '127.0.0.1', port, path: pathname + search, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    onward.on('error', () => response.writeHead(502).end());
    onward.end();
  });
  server.on('connect', (request, socket: net.Socket) => {
    asked.push(`CONNECT ${request.url}`);
    const status = mayPass(request) ? (connectStatus ?? 200) : 407;
    socket.write(`HTTP/1.1 ${status} ${http.STATUS_CODES[status] ?? ''}\r\n\r\n`);
    if (status === 200) join(socket, Number(request.url?.split(':').at(-1)));
    else socket.end();
  });

  const sockets = new Set<net.Socket>();
  const front = net.createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket)).on('error', () => undefined);
    socket.once('data', (first) => {
      if (first[0] === 5) speakSocks(socket, asked);
      else {
        socket.unshift(first);
        server.emit('connection', socket);
      }
    });
  });
  const port = await listen(front);
  return {
    port,
    asked,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => front.close(resolve));
    },
  };
}

/** RFC 1928: no authentication, CONNECT by name or IPv4 address. */
function speakSocks(socket: net.Socket, asked: string[]): void {
  socket.write(Buffer.from([5, 0]));
  socket.once('data', (request) => {
    const isName = request[3] === 3;
    const end = isName ? 5 + (request[4] ?? 0) : 8;
    const host = isName ? request.subarray(5, end).toString() : request.subarray(4, end).join('.');
    const port = request.readUInt16BE(end);
    asked.push(`SOCKS ${host}:${port}`);
    // A reply other than 0 refuses: 2 is "not allowed by ruleset".
    const reply = host.startsWith('forbidden') ? 2 : 0;
    socket.write(Buffer.from([5, reply, 0, 1, 127, 0, 0, 1, 0, 0]));
    if (reply === 0) join(socket, port);
  });
}

function join(socket: net.Socket, port: number): void {
  const onward = net.connect(port, '127.0.0.1');
  onward.on('error', () => socket.destroy()).on('close', () => socket.destroy());
  socket.on('close', () => onward.destroy());
  socket.pipe(onward).pipe(socket);
}
