/**
 * `slow.localhost`, which takes its time, and `busy.localhost`, which now and then says 429 with Retry-After: hosts that
 * must not hold up the others, and are not to be pressed.
 */
import type { DemoAnswer, DemoHost, DemoRequest } from './host.ts';
import { errorAnswer, htmlAnswer, numberOf, numbered } from './host.ts';
import { drawLength, headline, paragraphs } from './prose.ts';
import { between, seededRandom } from './random.ts';

const SLOW_PAGES = 50;
const BUSY_PAGES = 94;
const BUSY_DRAFTS = 5;
/** Every so many pages of `busy.localhost` are refused at first. */
const BUSY_EVERY = 20;

export const slowHost: DemoHost = {
  name: 'slow.localhost',
  purpose: 'every answer takes about a second',
  paths: numbered('/report/', SLOW_PAGES),
  answer(request) {
    if (numberOf(request.path, '/report/', SLOW_PAGES) === null) return null;
    return plainPage(request, 'Slow report', [600, 1200]);
  },
};

export const busyHost: DemoHost = {
  name: 'busy.localhost',
  purpose: 'answers 429 with Retry-After now and then; its robots.txt forbids /draft/',
  paths: [...numbered('/ticket/', BUSY_PAGES), ...numbered('/draft/', BUSY_DRAFTS)],
  forbidden: '/draft/',
  answer(request) {
    const ticket = numberOf(request.path, '/ticket/', BUSY_PAGES);
    if (ticket === null) return null;
    if (ticket % BUSY_EVERY === 0 && request.hit === 1) {
      return errorAnswer(429, 'Too many requests', 20, { 'retry-after': '1' });
    }
    return plainPage(request, 'Ticket', [40, 120]);
  },
};

function plainPage(request: DemoRequest, name: string, latency: readonly [number, number]): DemoAnswer {
  const random = seededRandom(request.seed, `${name}${request.path}`);
  const title = `${name} ${request.path.split('/').at(-1)}`;
  const latencyMs = between(random, ...latency);
  const main = `<h1>${title}</h1>\n${paragraphs(random, 'en', drawLength(random) / 2)}`;
  const links = [{ href: `http://docs.localhost:${request.port}/`, text: 'Documentation' }];
  return htmlAnswer({ language: 'en', title, description: headline(random, 'en'), links, main }, { latencyMs });
}
