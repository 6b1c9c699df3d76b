/**
 * A name server on 127.0.0.1 for tests (RFC 1035, as little of it as a resolver notices), over UDP and TCP on one port. Each
 * name's answers are a function of how often it has been asked, so that a name can change its mind (rebinding).
 */
import { createSocket, type Socket } from 'node:dgram';
import { createServer, type AddressInfo, type Server } from 'node:net';

export interface DnsAnswer {
  readonly addresses?: readonly string[];
  /** Seconds; default 60. */
  readonly ttl?: number;
  /** 2 = SERVFAIL, 3 = NXDOMAIN, 5 = REFUSED. Default 0. */
  readonly rcode?: number;
  /** Says nothing at all. */
  readonly silent?: boolean;
  /** Over UDP only the flag "truncated" and no record: the rest is to be had over TCP. */
  readonly truncated?: boolean;
}

export interface DnsServer {
  /** address:port, as `nameServers` takes it. */
  readonly server: string;
  /** Questions for addresses of a name, the two kinds (A, AAAA) of one look-up counted once; TCP too. */
  asked(name: string): number;
  /** Most questions that waited for their answer at the same time. */
  mostPending(): number;
  close(): Promise<void>;
}

const A = 1;
const AAAA = 28;

/** `answer`: for a name, and how often it has been asked before. Names without an answer do not exist. */
export async function startDnsServer(
  answer: (name: string, before: number) => DnsAnswer | undefined,
  delayMs = 0,
): Promise<DnsServer> {
  const counts = new Map<string, number>();
  const reply = (query: Buffer, isTcp: boolean): Buffer | null => {
    const { name, type, end } = questionOf(query);
    // Look-ups may ask for A alone, or for both.
    const before = counts.get(name) ?? 0;
    if (type === A) counts.set(name, before + 1);
    const said = answer(name, type === A ? before : Math.max(0, before - 1)) ?? { rcode: 3 };
    return said.silent === true ? null : message(query.subarray(0, end), type, said, isTcp);
  };
  const [udp, tcp, port] = await listen();
  const open = new Set<{ destroy(): void }>();
  let pending = 0;
  let mostPending = 0;
  udp.on('message', (query, from) => {
    const bytes = reply(query, false);
    if (bytes === null) return;
    pending++;
    mostPending = Math.max(mostPending, pending);
    const send = (): void => {
      pending--;
      udp.send(bytes, from.port, from.address);
    };
    if (delayMs === 0) send();
    else setTimeout(send, delayMs);
  });
  tcp.on('connection', (socket) => {
    open.add(socket);
    socket.on('error', () => undefined).on('close', () => open.delete(socket));
    let received = Buffer.alloc(0);
    socket.on('data', (data) => {
      received = Buffer.concat([received, data]);
      // RFC 7766 §8: each message is preceded by its length.
      while (received.length >= 2 && received.length >= 2 + received.readUInt16BE()) {
        const end = 2 + received.readUInt16BE();
        const bytes = reply(received.subarray(2, end), true);
        received = received.subarray(end);
        if (bytes === null) continue;
        const length = Buffer.alloc(2);
        length.writeUInt16BE(bytes.length);
        socket.write(Buffer.concat([length, bytes]));
      }
    });
  });
  return {
    server: `127.0.0.1:${port}`,
    asked: (name) => counts.get(name) ?? 0,
    mostPending: () => mostPending,
    close: async () => {
      for (const socket of open) socket.destroy();
      await new Promise<void>((resolve) => udp.close(() => resolve()));
      await new Promise((resolve) => tcp.close(resolve));
    },
  };
}

/** Both kinds of socket on one port: the system gives one for UDP, and a few attempts find it free for TCP. */
async function listen(): Promise<[Socket, Server, number]> {
  for (let attempt = 0; ; attempt++) {
    const udp = createSocket('udp4');
    await new Promise<void>((resolve) => udp.bind(0, '127.0.0.1', resolve));
    const { port } = udp.address();
    const tcp = createServer();
    const isFree = await new Promise<boolean>((resolve) => {
      tcp.once('error', () => resolve(false)).listen(port, '127.0.0.1', () => resolve(true));
    });
    if (isFree) return [udp, tcp, (tcp.address() as AddressInfo).port];
    udp.close();
    if (attempt === 10) throw new Error('no port is free for UDP and TCP');
  }
}

function questionOf(query: Buffer): { name: string; type: number; end: number } {
  const labels: string[] = [];
  let at = 12;
  for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  // Type and class follow the root label.
  return { name: labels.join('.').toLowerCase(), type: query.readUInt16BE(at + 1), end: at + 5 };
}

function message(question: Buffer, type: number, said: DnsAnswer, isTcp: boolean): Buffer {
  const isCut = said.truncated === true && !isTcp;
  const ofType = (said.addresses ?? []).filter((address) => (address.includes(':') ? AAAA : A) === type);
  const records = isCut ? [] : ofType.map((address) => record(type, said.ttl ?? 60, address));
  const head = Buffer.from(question);
  // Flags: an answer (QR), recursion wanted and available; TC; rcode. Then the counts.
  head.writeUInt16BE(0x8180 | (isCut ? 0x0200 : 0) | (said.rcode ?? 0), 2);
  head.writeUInt16BE(1, 4);
  head.writeUInt16BE(records.length, 6);
  head.writeUInt32BE(0, 8);
  return Buffer.concat([head, ...records]);
}

function record(type: number, ttl: number, address: string): Buffer {
  const data = type === A ? Buffer.from(address.split('.').map(Number)) : ipv6Bytes(address);
  const head = Buffer.alloc(12);
  // A pointer to the name in the question.
  head.writeUInt16BE(0xc00c, 0);
  head.writeUInt16BE(type, 2);
  head.writeUInt16BE(1, 4);
  head.writeUInt32BE(ttl, 6);
  head.writeUInt16BE(data.length, 10);
  return Buffer.concat([head, data]);
}

function ipv6Bytes(address: string): Buffer {
  const [before = '', after = ''] = address.split('::');
  const left = before.split(':').filter((part) => part !== '');
  const right = after.split(':').filter((part) => part !== '');
  const parts = [...left, ...Array<string>(8 - left.length - right.length).fill('0'), ...right];
  const bytes = Buffer.alloc(16);
  parts.forEach((part, i) => bytes.writeUInt16BE(Number.parseInt(part, 16), 2 * i));
  return bytes;
}
