/**
 * `news.localhost`: articles in five languages and four charsets, declared in every way there is: by header, by `<meta>`,
 * by byte order mark, and (a few) not at all, so that detection has work to do.
 */
import type { DemoCharset } from './charset.ts';
import type { DemoAnswer, DemoHost, DemoRequest } from './host.ts';
import { htmlAnswer, numberOf, numbered } from './host.ts';
import type { DemoLanguage } from './prose.ts';
import { drawLength, headline, paragraphs } from './prose.ts';
import { between, seededRandom } from './random.ts';
import { escapeHtml } from './html.ts';

const ARTICLES = 500;

/** How an article is written: the article's number modulo eight picks one. */
const EDITIONS: readonly {
  readonly language: DemoLanguage;
  readonly charset: DemoCharset;
  readonly declared: 'header' | 'meta' | 'bom' | 'nowhere';
}[] = [
  { language: 'en', charset: 'utf-8', declared: 'header' },
  { language: 'fr', charset: 'windows-1252', declared: 'header' },
  { language: 'de', charset: 'iso-8859-1', declared: 'meta' },
  { language: 'ja', charset: 'shift_jis', declared: 'meta' },
  { language: 'es', charset: 'utf-8', declared: 'bom' },
  { language: 'ja', charset: 'shift_jis', declared: 'header' },
  { language: 'en', charset: 'utf-8', declared: 'meta' },
  { language: 'fr', charset: 'utf-8', declared: 'nowhere' },
];

export const newsHost: DemoHost = {
  name: 'news.localhost',
  purpose: 'articles in five languages and four charsets',
  paths: ['/', ...numbered('/article/', ARTICLES)],
  answer(request) {
    if (request.path === '/') return front(request);
    const article = numberOf(request.path, '/article/', ARTICLES);
    return article === null ? null : articlePage(request, article);
  },
};

function articlePage(request: DemoRequest, number: number): DemoAnswer {
  const random = seededRandom(request.seed, `news${request.path}`);
  const edition = EDITIONS[number % EDITIONS.length] as (typeof EDITIONS)[number];
  const title = headline(random, edition.language);
  const latencyMs = between(random, 20, 120);
  // Japanese says in one character what takes Latin scripts three.
  const length = drawLength(random) / (edition.language === 'ja' ? 3 : 1);
  const main = `<article>\n<h1>${escapeHtml(title)}</h1>\n${paragraphs(random, edition.language, length)}</article>\n`;
  const links = [{ href: '/', text: 'Front page' }];
  for (let i = between(random, 5, 15); i > 0; i -= 1) {
    const other = between(random, 1, ARTICLES);
    links.push({ href: `/article/${other}`, text: `No. ${other}` });
  }
  return htmlAnswer(
    { language: edition.language, title, description: headline(random, edition.language), links, main },
    { latencyMs, charset: edition.charset, declared: edition.declared },
  );
}

function front(request: DemoRequest): DemoAnswer {
  const random = seededRandom(request.seed, 'news/');
  const links = numbered('/article/', ARTICLES).map((href) => ({ href, text: href.slice(1).replace('/', ' ') }));
  return htmlAnswer(
    {
      language: 'en',
      title: 'The Downstream Times',
      description: headline(random, 'en'),
      links,
      main: '<h1>Today</h1>\n',
    },
    { latencyMs: 80 },
  );
}
