/**
 * What robots.txt costs on the main thread: a decision on the page path, by files of usual and of hostile size, and reading
 * the largest file. Run: `node test/bench/robots.bench.ts`.
 */
import { RobotsCache } from '../../src/engine/robots-cache.ts';
import { parseRobots, parseRobotsInSlices } from '../../src/robots/parse-robots.ts';
import { originOf, pathOf } from '../../src/url/canonical.ts';

const URLS = Array.from({ length: 1_000 }, (_, n) => `https://www.example.com/some/path/to/page-${n}.html?q=${n}`);

function fileOf(rules: number, line: (n: number) => string): Buffer {
  return Buffer.from(`User-agent: *\n${Array.from({ length: rules }, (_, n) => `Disallow: ${line(n)}\n`).join('')}`);
}

function mixed(n: number): string {
  return n % 10 === 3 ? `/*?x${n}` : `/folder${n}/a`;
}

for (const rules of [0, 20, 100, 1_000]) {
  const cache = new RobotsCache();
  const answer = { access: 'rules', expiresAt: Infinity, problem: null } as const;
  cache.set('https://www.example.com', { ...answer, rules: parseRobots(fileOf(rules, mixed), 'weir').rules });
  const rounds = 200_000;
  let startedAt = 0;
  // The first half warms up.
  for (let n = 0; n < rounds; n++) {
    if (n === rounds / 2) startedAt = performance.now();
    const url = URLS[n % URLS.length] as string;
    cache.get(originOf(url), Date.now())?.rules.isAllowed(pathOf(url));
  }
  const micros = ((performance.now() - startedAt) * 1_000) / (rounds / 2);
  console.log(`a decision by ${rules} rules: ${micros.toFixed(2)} µs`);
}

const large = fileOf(14_000, (n) => `/some/folder/${n}/`);
for (const name of ['cold', 'warm']) {
  let longest = 0;
  let since = performance.now();
  const startedAt = since;
  await parseRobotsInSlices(large, 'weir', async () => {
    longest = Math.max(longest, performance.now() - since);
    await new Promise((resolve) => setImmediate(resolve));
    since = performance.now();
  });
  longest = Math.max(longest, performance.now() - since);
  const total = performance.now() - startedAt;
  console.log(
    `reading ${large.length} bytes, ${name}: ${total.toFixed(1)} ms, at most ${longest.toFixed(1)} ms in one go`,
  );
}
