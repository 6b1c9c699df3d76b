/**
 * `broken.localhost`: what goes wrong on the web, in small doses. Some of it heals when asked again (the hit count decides),
 * so that retries have something to win; the rest ends as a failed URL with its reason.
 */
import type { DemoAnswer, DemoHost, DemoRequest } from './host.ts';
import { errorAnswer, htmlAnswer, numberOf, numbered, redirectAnswer } from './host.ts';
import { paragraphs } from './prose.ts';
import { seededRandom } from './random.ts';

interface Fault {
  readonly prefix: string;
  readonly count: number;
  act(request: DemoRequest, number: number): DemoAnswer;
}

const FAULTS: readonly Fault[] = [
  {
    prefix: '/gone/',
    count: 16,
    act: (_, n) => (n % 4 === 0 ? errorAnswer(410, 'Gone', 20) : errorAnswer(404, 'Not found', 20)),
  },
  { prefix: '/forbidden/', count: 4, act: () => errorAnswer(403, 'Forbidden', 20) },
  { prefix: '/failing/', count: 3, act: () => errorAnswer(500, 'Internal server error', 30) },
  {
    prefix: '/twice/',
    count: 6,
    act: (request) => (request.hit <= 2 ? errorAnswer(503, 'Not yet', 30) : fine(request)),
  },
  { prefix: '/reset/', count: 2, act: () => ({ kind: 'reset', latencyMs: 30 }) },
  {
    prefix: '/reset-once/',
    count: 5,
    act: (request) => (request.hit === 1 ? { kind: 'reset', latencyMs: 30 } : fine(request)),
  },
  { prefix: '/cut-once/', count: 3, act: cutOnce },
  { prefix: '/moved/', count: 10, act: (_, n) => redirectAnswer(`/target/${n}`, n % 2 === 0 ? 301 : 307, 20) },
  { prefix: '/elsewhere/', count: 4, act: toDocs },
  { prefix: '/loop/', count: 2, act: (_, n) => redirectAnswer(n === 1 ? '/round/1' : '/loop/2', 302, 10) },
  { prefix: '/staircase/', count: 1, act: () => redirectAnswer('/step/1', 302, 5) },
  { prefix: '/nowhere/', count: 1, act: () => plain(302) },
  { prefix: '/empty/', count: 3, act: () => plain(200) },
];

/** Reached only by redirects from the pages above, and so not in the list. */
const BEHIND: readonly Fault[] = [
  { prefix: '/target/', count: 10, act: fine },
  { prefix: '/round/', count: 1, act: () => redirectAnswer('/loop/1?again', 302, 10) },
  // Twelve steps are more than the ten hops that a crawl follows.
  { prefix: '/step/', count: 11, act: (_, n) => redirectAnswer(`/step/${n + 1}`, 302, 5) },
  { prefix: '/step/', count: 12, act: fine },
];

export const brokenHost: DemoHost = {
  name: 'broken.localhost',
  purpose: 'errors, resets, cut answers, redirects and a redirect loop',
  paths: FAULTS.flatMap((fault) => numbered(fault.prefix, fault.count)),
  answer(request) {
    if (request.path === '/loop/1?again') return redirectAnswer('/round/1', 302, 10);
    for (const fault of [...FAULTS, ...BEHIND]) {
      const number = numberOf(request.path, fault.prefix, fault.count);
      if (number !== null) return fault.act(request, number);
    }
    return null;
  },
};

function fine(request: DemoRequest): DemoAnswer {
  const title = `Recovered: ${request.path}`;
  const main = `<h1>${title}</h1>\n${paragraphs(seededRandom(request.seed, `broken${request.path}`), 'en', 2500)}`;
  const links = [{ href: `http://docs.localhost:${request.port}/`, text: 'Documentation' }];
  return htmlAnswer({ language: 'en', title, description: null, links, main }, { latencyMs: 40 });
}

/** No body and no headers of interest: as 302, a redirect that does not say where to. */
function plain(status: number): DemoAnswer {
  return { kind: 'answer', status, headers: {}, body: Buffer.alloc(0), latencyMs: 20 };
}

function cutOnce(request: DemoRequest): DemoAnswer {
  const whole = fine(request);
  if (request.hit > 1 || whole.kind === 'reset') return whole;
  return { kind: 'truncated', body: whole.body, latencyMs: 30 };
}

/** To another host: the crawl gives up its place here and queues there. */
function toDocs(request: DemoRequest, number: number): DemoAnswer {
  return redirectAnswer(`http://docs.localhost:${request.port}/guide/${number}?from=broken`, 308, 20);
}
