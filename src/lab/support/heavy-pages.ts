/** Laboratory: pages that take a parser some time: large ones of the demo site, and rules that make it build a tree. */
import { demoAnswer, DEMO_SEED } from '../../demo/site.ts';
import type { FetchedPage } from '../../model/page.ts';
import type { ParserOptions } from '../../parse/options.ts';

/** With users' rules, hence with cheerio. */
export const HEAVY: ParserOptions = {
  mode: 'full',
  links: 'all',
  text: true,
  bodies: 'packed',
  maxSize: 10_000_000,
  extract: [
    { name: 'links', rows: 'a', fields: { text: { selector: 'a', attribute: null, list: false } } },
    { name: 'paragraphs', rows: 'p', fields: { text: { selector: 'p', attribute: null, list: false } } },
  ],
};

const GUIDES = 250;

/** A page as the fetch stage hands it over: guides of the demo site, one after the other, until it is that large. */
export function heavyPage(number: number, kilobytes: number): FetchedPage {
  const parts: Uint8Array[] = [];
  for (let guide = number, bytes = 0; bytes < kilobytes * 1000; guide++) {
    const path = `/guide/${1 + (guide % GUIDES)}`;
    const answer = demoAnswer('docs.localhost', { seed: DEMO_SEED, port: 80, path, hit: 1 });
    if (answer.kind !== 'answer') throw new Error(`${path} has no answer`);
    parts.push(answer.body);
    bytes += answer.body.length;
  }
  const body = new Uint8Array(Buffer.concat(parts));
  return {
    attempt: {
      urlId: number,
      hostId: 1,
      attempt: 1,
      startedAt: 0,
      status: 200,
      errorClass: null,
      errorCode: null,
      error: null,
      wireBytes: body.length,
      headers: '[]',
      redirects: [],
      finalUrl: `http://docs.localhost/guide/${number}`,
      address: '127.0.0.1',
      httpVersion: '1.1',
      dnsMs: null,
      connectMs: null,
      ttfbMs: 0,
      totalMs: 0,
      waitMs: 0,
      heldMs: 0,
    },
    settlement: { state: 'done' },
    hostNote: null,
    body,
    contentType: 'text/html; charset=utf-8',
    contentEncoding: null,
    baseUrl: `http://docs.localhost/guide/${number}`,
    ifUndecodable: { state: 'failed', reason: 'decode' },
  };
}
