/**
 * `docs.localhost`: a well-kept documentation site. UTF-8, quick, many links between pages, a copy of the guides under
 * `/latest/` (duplicates by content), and old addresses that redirect.
 */
import type { DemoLink } from './html.ts';
import type { DemoAnswer, DemoHost, DemoRequest } from './host.ts';
import { htmlAnswer, numberOf, numbered, redirectAnswer } from './host.ts';
import { drawLength, headline, paragraphs } from './prose.ts';
import { between, pick, seededRandom } from './random.ts';

const GUIDES = 250;
const REFERENCES = 449;
const LATEST = 40;
const OLD = 24;

const TOPICS = [
  'queues',
  'permits',
  'back-pressure',
  'worker threads',
  'transactions',
  'retries',
  'politeness',
  'charsets',
];
const MODULES = ['queue', 'semaphore', 'frontier', 'parser', 'store', 'schedule', 'window', 'digest'];

export const docsHost: DemoHost = {
  name: 'docs.localhost',
  purpose: 'documentation: quick, UTF-8, some copies and old addresses',
  paths: [
    '/',
    ...numbered('/guide/', GUIDES),
    ...numbered('/reference/', REFERENCES),
    ...numbered('/latest/guide/', LATEST),
    ...numbered('/old/guide/', OLD),
  ],
  answer(request) {
    const { path } = request;
    if (path === '/') return front(request);
    // `/latest/` shows the very page: same bytes, same digest.
    const guide = numberOf(path.split('?')[0] as string, '/guide/', GUIDES) ?? numberOf(path, '/latest/guide/', LATEST);
    if (guide !== null) return page(request, `/guide/${guide}`, `Guide ${guide}`, TOPICS);
    const reference = numberOf(path, '/reference/', REFERENCES);
    if (reference !== null) return page(request, path, `Reference ${reference}`, MODULES);
    const old = numberOf(path, '/old/guide/', OLD);
    // The query keeps these arrivals apart from the listed page itself in the server's counts.
    if (old !== null) return redirectAnswer(`/guide/${old}?from=old`, old % 2 === 0 ? 301 : 302, 40);
    return null;
  },
};

function page(request: DemoRequest, key: string, name: string, subjects: readonly string[]): DemoAnswer {
  const random = seededRandom(request.seed, `docs${key}`);
  const title = `${name}: ${pick(random, subjects)}`;
  const latencyMs = between(random, 30, 130);
  const main = `<h1>${title}</h1>
${paragraphs(random, 'en', drawLength(random))}<pre><code>for await (const page of crawl({ urls })) use(page);
</code></pre>
`;
  const links: DemoLink[] = [{ href: '/', text: 'Documentation' }];
  for (let i = between(random, 8, 24); i > 0; i -= 1) {
    const target = between(random, 1, REFERENCES);
    links.push({ href: `/reference/${target}`, text: `Reference ${target}` });
  }
  const product = between(random, 1, 500);
  links.push({
    href: `http://shop.localhost:${request.port}/product/${product}`,
    text: 'Buy the book',
    rel: 'nofollow',
  });
  // One page in ten links to something that is gone: `broken_links` has rows.
  if (random() < 0.1) {
    links.push({ href: `http://broken.localhost:${request.port}/gone/${between(random, 1, 16)}`, text: 'Example' });
  }
  return htmlAnswer({ language: 'en', title, description: headline(random, 'en'), links, main }, { latencyMs });
}

function front(request: DemoRequest): DemoAnswer {
  const links = [...numbered('/guide/', GUIDES), ...numbered('/reference/', REFERENCES)].map((href) => ({
    href,
    text: href.slice(1).replace('/', ' '),
  }));
  const main = `<h1>Documentation</h1>\n${paragraphs(seededRandom(request.seed, 'docs/'), 'en', 1200)}`;
  return htmlAnswer(
    { language: 'en', title: 'Documentation of the demo site', description: 'Every guide and reference', links, main },
    { latencyMs: 60 },
  );
}
