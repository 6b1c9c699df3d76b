/**
 * Fault server: what happens to connections, and when.
 *   /delay?ms=M              a page after M ms (default 100)
 *   /hang                    no answer at all
 *   /slow-header?ms=M        the headers byte by byte, M ms apart (default 50), for ever
 *   /slow-body?ms=M&bytes=B&count=N   B bytes (default 100) every M ms (default 20), N times (default 10), with Content-Length
 *   /drip?ms=M               one byte every M ms (default 20), for ever
 *   /stall?sent=B            headers and B bytes (default 500) of 1,000, then nothing
 *   /reset /empty            RST or FIN instead of an answer
 *   /reset-header /close-header       RST or FIN inside the headers
 *   /reset-body /truncated   RST or FIN after half of the body that Content-Length declares
 *   /partial-then-full       truncated the first time, whole from then on
 *   /stale?reset=1&notice=1  the first request of a connection gets an answer, the second one a FIN (or RST, or 408 and FIN) instead
 *   /close                   a page, and the connection is closed as announced
 *   /until-close /reset-until-close   a body that ends with the connection; a reset instead of that end
 */
import type { FaultRequest, FaultRoutes } from './request.ts';

const PLAIN = { 'content-type': 'text/plain' };
const HALF = 'x'.repeat(500);

function repeat(request: FaultRequest, ms: number, times: number, action: () => void, end: () => void): void {
  if (times === 0) {
    end();
    return;
  }
  request.after(ms, () => {
    action();
    repeat(request, ms, times - 1, action, end);
  });
}

/** Lets what was written leave before the connection is torn down: a RST discards what is still in the buffers. */
function soon(request: FaultRequest, action: () => void): void {
  request.after(20, action);
}

function half(request: FaultRequest): void {
  request.head(200, { ...PLAIN, 'content-length': '1000' });
  request.raw(HALF);
}

function slowBody(request: FaultRequest): void {
  const bytes = request.number('bytes', 100);
  const count = request.number('count', 10);
  request.head(200, { ...PLAIN, 'content-length': String(bytes * count) });
  const chunk = 'y'.repeat(bytes);
  repeat(
    request,
    request.number('ms', 20),
    count,
    () => request.raw(chunk),
    () => request.end(),
  );
}

function slowHeader(request: FaultRequest): void {
  request.raw('HTTP/1.1 200 OK\r\nx-slow: ');
  repeat(
    request,
    request.number('ms', 50),
    Infinity,
    () => request.raw('z'),
    () => request.end(),
  );
}

function drip(request: FaultRequest): void {
  request.head(200, PLAIN);
  repeat(
    request,
    request.number('ms', 20),
    Infinity,
    () => request.raw('.'),
    () => request.end(),
  );
}

function stall(request: FaultRequest): void {
  request.head(200, { ...PLAIN, 'content-length': '1000' });
  request.raw('x'.repeat(request.number('sent', 500)));
}

function stale(request: FaultRequest): void {
  if (request.turn === 1) {
    request.send(200, PLAIN, 'fresh');
    return;
  }
  if (request.query.get('notice') === '1') request.head(408, { 'content-length': '0', connection: 'close' });
  if (request.query.get('reset') === '1') request.reset();
  else request.finish();
}

export const connectionRoutes: FaultRoutes = {
  '/delay': (request) => request.after(request.number('ms', 100), () => request.send(200, PLAIN, 'late')),
  '/hang': () => undefined,
  '/slow-header': slowHeader,
  '/slow-body': slowBody,
  '/drip': drip,
  '/stall': stall,
  '/reset': (request) => request.reset(),
  '/empty': (request) => request.finish(),
  '/reset-header': (request) => {
    request.raw('HTTP/1.1 200 OK\r\ncontent-ty');
    soon(request, () => request.reset());
  },
  '/close-header': (request) => {
    request.raw('HTTP/1.1 200 OK\r\ncontent-ty');
    request.finish();
  },
  '/reset-body': (request) => {
    half(request);
    soon(request, () => request.reset());
  },
  '/truncated': (request) => {
    half(request);
    request.finish();
  },
  '/partial-then-full': (request) => {
    if (request.hit > 1) {
      request.send(200, PLAIN, HALF + HALF);
      return;
    }
    half(request);
    request.finish();
  },
  '/stale': stale,
  '/close': (request) => {
    request.send(200, { ...PLAIN, connection: 'close' }, 'bye');
    request.finish();
  },
  '/reset-until-close': (request) => {
    request.head(200, PLAIN);
    request.raw(HALF);
    soon(request, () => request.reset());
  },
  '/until-close': (request) => {
    request.head(200, PLAIN);
    request.raw(HALF);
    request.finish();
  },
};
