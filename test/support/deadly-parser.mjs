/**
 * Loaded into every thread of a crawl by `NODE_OPTIONS=--import`: a page whose text says so ends the thread that parses it,
 * in ways that no `catch` sees. Only parser threads decode pages to text and hash them.
 */
import crypto from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';
import process from 'node:process';
import { TextDecoder } from 'node:util';

const { decode } = TextDecoder.prototype;

TextDecoder.prototype.decode = function decodeDeadly(...args) {
  const text = decode.apply(this, args);
  if (text.includes('EXIT THE THREAD')) process.exit(3);
  if (text.includes('FILL THE MEMORY')) fillMemory();
  if (text.includes('HANG THE THREAD')) for (;;);
  return text;
};

const { hash } = crypto;

// Pages are hashed also where they are not parsed.
crypto.hash = (algorithm, data, ...rest) => {
  if (Buffer.from(data).includes('EXIT IN ANY CASE')) process.exit(3);
  return hash(algorithm, data, ...rest);
};
syncBuiltinESMExports();

/** By copies of numbers, which the garbage collector need not look into: the watchdog must not be quicker on a busy machine. */
function fillMemory() {
  const numbers = Array.from({ length: 1_000_000 }, (_, n) => n);
  const kept = [];
  for (;;) kept.push(numbers.slice());
}
