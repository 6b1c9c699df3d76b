/** What a page meets between its fetch and the store: the hand-off between threads, the scanner, the resolution of its links. */
import { MessageChannel, receiveMessageOnPort } from 'node:worker_threads';
import { Parser } from 'htmlparser2';
import { renderPage } from '../../../src/demo/html.ts';
import { headline, sentence } from '../../../src/demo/prose.ts';
import { seededRandom } from '../../../src/demo/random.ts';
import type { FetchedPage } from '../../../src/model/page.ts';
import { packFetched, unpackFetched, type PackedFetched } from '../../../src/model/packed-pages.ts';
import { readHtml } from '../../../src/parse/html.ts';
import { LinkResolver } from '../../../src/url/resolve-links.ts';
import { fetchedPage } from '../../unit/parse/fetched-page.ts';
import type { Pair, Part } from './part.ts';

const BATCH = 16;
const BATCHES = 2_000;
const BODY_BYTES = 2_000;
const PAGES = 12;
const TIMES = 40;
const BASE = 'http://docs.example/guide/chapter-3/page.html';
const ignore = (): void => undefined;

export const pageParts: readonly Part[] = [
  {
    id: 'hand-off',
    ours: 'pages to another thread: 16 a message, as rows of values',
    baseline: 'bare postMessage of each page, body by transfer',
    expected: [0.25, 0.65],
    prepare: handOffPair,
  },
  {
    id: 'scanner',
    ours: 'scanner: title, visible text, words, links of a page',
    baseline: 'htmlparser2 with empty handlers',
    expected: [0.3, 0.7],
    prepare: scannerPair,
  },
  {
    id: 'resolution',
    ours: 'resolution of the links of a page',
    baseline: '`new URL(href, base).href` for each',
    expected: [0.2, 0.55],
    prepare: resolutionPair,
  },
];

/** Within one thread, so that nothing but writing, moving and reading the messages counts, and no core that others keep busy. */
function handOffPair(): Pair {
  const { port1, port2 } = new MessageChannel();
  const receive = (): unknown => receiveMessageOnPort(port2)?.message;
  const newPages = (): FetchedPage[] =>
    Array.from({ length: BATCH }, (_, urlId) => fetchedPage({ urlId, body: new Uint8Array(BODY_BYTES) }));
  const check = (page: FetchedPage | undefined): void => {
    if (page?.body.length !== BODY_BYTES) throw new Error('a body was lost on its way');
  };
  return {
    operations: BATCH * BATCHES,
    ours: () => {
      for (let batch = 0; batch < BATCHES; batch++) {
        const pages = newPages();
        port1.postMessage(
          pages.map(packFetched),
          pages.map(({ body }) => body.buffer),
        );
        for (const row of receive() as PackedFetched[]) check(unpackFetched(row));
      }
    },
    baseline: () => {
      for (let batch = 0; batch < BATCHES; batch++) {
        for (const page of newPages()) {
          port1.postMessage(page, [page.body.buffer]);
          check(receive() as FetchedPage);
        }
      }
    },
    close: () => port1.close(),
  };
}

function scannerPair(): Pair {
  const html = Array.from({ length: PAGES }, (_, n) => documentation(n));
  const utf8 = html.map((page) => new Uint8Array(Buffer.from(page)));
  const request = { mode: 'full', text: true, links: true, xhtml: false } as const;
  return {
    operations: PAGES * TIMES,
    ours: () => {
      for (let n = 0; n < PAGES * TIMES; n++) readHtml(utf8[n % PAGES]!, request);
    },
    baseline: () => {
      for (let n = 0; n < PAGES * TIMES; n++) {
        // The octets have to become text for either of them.
        const text = new TextDecoder().decode(utf8[n % PAGES]);
        new Parser({ onopentag: ignore, ontext: ignore, onclosetag: ignore }).end(text);
      }
    },
  };
}

function resolutionPair(): Pair {
  const hrefs = Array.from({ length: 100 }, (_, n) =>
    n % 20 === 19
      ? `https://other.example/a/${n}`
      : n % 2 === 0
        ? `section-${n}.html`
        : `../reference/module-${n}.html#m`,
  );
  const times = 1_500;
  return {
    operations: hrefs.length * times,
    ours: () => {
      for (let time = 0; time < times; time++) {
        const resolver = new LinkResolver(BASE);
        for (const href of hrefs) resolver.resolve(href);
      }
    },
    baseline: () => {
      for (let time = 0; time < times; time++) for (const href of hrefs) sink(new URL(href, BASE).href);
    },
  };
}

/** Keeps the compiler from leaving out what nobody looks at. */
function sink(text: string): void {
  if (text === '') throw new Error('an empty URL');
}

/** About 30 kB with the mix of a documentation page: headings, paragraphs with code and links, tables. */
function documentation(n: number): string {
  const random = seededRandom(n, 'parts');
  const words = (): string => sentence(random, 'en');
  const sections = Array.from(
    { length: 40 },
    (_, at) => `<section id="s${at}"><h2>${headline(random, 'en')}</h2>
<p>${words()} <a class="reference internal" href="chapter-${at}.html#s${at}"><code class="literal">${at}</code></a> ${words()} <em>${words()}</em></p>
<table><tr><td>${words()}</td><td><a href="../module-${at % 9}.html">module</a></td></tr></table>
<pre><span class="k">const</span> <span class="n">page</span> = <span class="nb">await</span> crawl();
</pre></section>\n`,
  );
  const links = Array.from({ length: 20 }, (_, at) => ({ href: `/reference/${at}`, text: `Reference ${at}` }));
  return renderPage(
    { language: 'en', title: `Page ${n}`, description: words(), links, main: sections.join('') },
    'utf-8',
  );
}
