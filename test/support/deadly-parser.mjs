/**
 * Loaded into every thread of a crawl by `NODE_OPTIONS=--import`: a page whose text says so ends the thread that parses it,
 * in the three ways that no `catch` sees. Only parser threads hash pages, so nothing else is touched.
 */
import crypto from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';
import process from 'node:process';

const { hash } = crypto;

crypto.hash = (algorithm, data, ...rest) => {
  const text = Buffer.from(data).toString('latin1');
  if (text.includes('EXIT THE THREAD')) process.exit(3);
  if (text.includes('FILL THE MEMORY')) fillMemory();
  if (text.includes('HANG THE THREAD')) for (;;);
  return hash(algorithm, data, ...rest);
};
syncBuiltinESMExports();

function fillMemory() {
  const kept = [];
  for (;;) kept.push(Array.from({ length: 100_000 }, () => ({ kept: true })));
}
