/** The vocabulary of the manifest: what must be recorded of a fault, each in words and as a test of a `FaultRecord`. */
import { createHash } from 'node:crypto';
import type { Expectation } from './fault.ts';
import type { FaultRecord, RobotsRecord } from './record.ts';

/** Characters of a Location value that are kept at most. */
const LONGEST_LOCATION = 2_048;

/** Expects that `holds`; `seen` says what was found instead. */
function expectation(
  text: string,
  holds: (record: FaultRecord) => boolean,
  seen: (record: FaultRecord) => unknown,
): Expectation {
  return { text, wrong: (record) => (holds(record) ? null : `expected ${text}, got ${String(seen(record))}`) };
}

/** Nothing of the body is stored, complete or in part. */
export const noBody: Expectation = expectation(
  'no body',
  (record) => record.sha256 === null && record.decodedBytes === null,
  (record) => `a body of ${record.decodedBytes} bytes`,
);

/** The body stored, byte for byte. */
export function body(bytes: string | Uint8Array, name?: string): Expectation {
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return expectation(
    name ?? `the body, ${bytes.length.toLocaleString('en-US')} bytes`,
    (record) => record.sha256 === sha256,
    (record) => `${record.decodedBytes} bytes with sha256 ${record.sha256}`,
  );
}

/** Some body is stored: what the server sends is its business. */
export const someBody: Expectation = expectation(
  'the body',
  (record) => record.sha256 !== null,
  () => 'none',
);

export function wireBytes(least: number, most: number = least): Expectation {
  return expectation(
    least === most ? `${least} bytes received` : `bytes received (${least} or more)`,
    (record) => record.wireBytes >= least && record.wireBytes <= most,
    (record) => record.wireBytes,
  );
}

/** `error_code`. */
export function code(...codes: readonly string[]): Expectation {
  return expectation(
    `code ${codes.map((one) => `\`${one}\``).join(' or ')}`,
    (record) => codes.includes(record.errorCode ?? ''),
    (record) => record.errorCode,
  );
}

/** `error`, the line for people. */
export function error(text: string, pattern: RegExp): Expectation {
  return expectation(
    text,
    (record) => pattern.test(record.error ?? ''),
    (record) => JSON.stringify(record.error),
  );
}

/** The bytes of an answer that could not be read as HTTP, from its beginning or from where it went wrong, as hexadecimal digits. */
export function bytesAtFault(answer: string): Expectation {
  const hex = Buffer.from(answer, 'latin1').toString('hex');
  return expectation(
    'the bytes at fault in hexadecimal (at most 64)',
    (record) => {
      const found = /(?:at|first) bytes ([\da-f]+)$/.exec(record.error ?? '')?.[1];
      return found !== undefined && found.length <= 128 && hex.includes(found);
    },
    (record) => JSON.stringify(record.error),
  );
}

export function warning(text: string, pattern: RegExp): Expectation {
  return expectation(
    text,
    (record) => pattern.test(record.warning ?? ''),
    (record) => JSON.stringify(record.warning),
  );
}

/** Redirects recorded. */
export function hops(count: number): Expectation {
  return expectation(
    count === 1 ? 'the hop' : `the first ${count} hops`,
    (record) => record.redirects.length === count,
    (record) => `${record.redirects.length} hops`,
  );
}

/** Raw Location of the last hop recorded. */
export function location(value: string): Expectation {
  const kept = value.slice(0, LONGEST_LOCATION);
  return expectation(
    kept === value ? 'raw Location' : 'raw Location, its first 2 KB',
    (record) => record.redirects.at(-1)?.location === kept,
    (record) => JSON.stringify(record.redirects.at(-1)?.location),
  );
}

/** The last hop went from https to http and says so. */
export const downgraded: Expectation = expectation(
  'flag `downgrade`',
  (record) => record.redirects.at(-1)?.downgrade === true,
  (record) => JSON.stringify(record.redirects.at(-1)),
);

/** A string that must be neither in what was sent on nor in what is recorded. */
export function nowhere(name: string, secret: string): Expectation {
  return expectation(
    `${name} nowhere`,
    (record) => !JSON.stringify(record).includes(secret) && !textOf(record).includes(secret),
    () => 'it',
  );
}

/** Attempts in all, where success comes late; never more than the crawl's retries allow. */
export function attempts(wanted: number): Expectation {
  return {
    text: wanted === 1 ? 'one attempt' : `${wanted} attempts`,
    wrong: (record, { retries }) => {
      const expected = Math.min(wanted, retries + 1);
      return record.attempts === expected ? null : `expected ${expected} attempts, got ${record.attempts}`;
    },
  };
}

export function header(name: string, value: string): Expectation {
  return expectation(
    `the bytes of \`${name}\``,
    (record) => record.headers.some((pair) => pair[0].toLowerCase() === name && pair[1] === value),
    (record) => JSON.stringify(record.headers),
  );
}

export function title(value: string): Expectation {
  return expectation(
    'the title',
    (record) => record.title === value,
    (record) => JSON.stringify(record.title),
  );
}

export function charset(name: string, source: string): Expectation {
  return expectation(
    `charset ${name}, found by ${source}`,
    (record) => record.charset === name && record.charsetSource === source,
    (record) => `${record.charset} by ${record.charsetSource}`,
  );
}

export function linksTotal(count: number): Expectation {
  return expectation(
    `${count.toLocaleString('en-US')} links counted`,
    (record) => record.linksTotal === count,
    (record) => record.linksTotal,
  );
}

/** What is recorded of robots.txt; and `/ok`, which no rule forbids, is done unless the host is closed. */
export function robots(expected: Partial<RobotsRecord> & Pick<RobotsRecord, 'access'>): Expectation {
  const { access, status, tries, errorClass, truncated, redirects } = expected;
  const othersDone = access === 'rules' || access === 'allow-all' ? 1 : 0;
  const facts = [`access \`${access}\``];
  if (status !== undefined) facts.push(`its status ${status}`);
  if (errorClass !== undefined) facts.push(`its class \`${errorClass}\``);
  if (redirects !== undefined) facts.push(redirects === 1 ? 'its redirect' : `its ${redirects} redirects`);
  if (tries === 1) facts.push('asked for once');
  if (truncated === true) facts.push('flag for what was cut off');
  const text = facts.join(', ');
  return {
    text,
    wrong: (record) => {
      const found = record.robots();
      const same = Object.entries({ othersDone, ...expected }).every(
        ([key, value]) => found?.[key as 'tries'] === value,
      );
      return same ? null : `expected ${text} and ${othersDone} other page, got ${JSON.stringify(found)}`;
    },
  };
}

/** How long the last attempt took at least. */
export function took(leastMs: number): Expectation {
  return expectation(
    'time spent',
    (record) => record.totalMs >= leastMs,
    (record) => `${record.totalMs} ms`,
  );
}

function textOf(record: FaultRecord): string {
  const bytes = record.body();
  return bytes === null ? '' : Buffer.from(bytes).toString('latin1');
}
