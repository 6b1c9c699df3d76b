import { describe, expect, it } from 'vitest';
import { encodeText } from '../../../src/demo/charset.ts';
import { expectedOutcome } from '../../../src/demo/expected.ts';
import { demoProduct } from '../../../src/demo/shop-host.ts';
import { DEMO_HOSTS, demoAnswer } from '../../../src/demo/site.ts';
import { demoUrls } from '../../../src/demo/urls.ts';

const PORT = 8321;

/** Each URL that the site lists, with what becomes of it. */
const OUTCOMES = demoUrls(PORT).map((url) => ({ ...expectedOutcome(1, url), url: new URL(url) }));

function bodyOf(url: string, seed = 1, hit = 1): Buffer {
  const { hostname, pathname } = new URL(url);
  const answer = demoAnswer(hostname, { seed, port: PORT, path: pathname, hit });
  if (answer.kind !== 'answer') throw new Error(`no answer from ${url}`);
  return Buffer.from(answer.body);
}

describe('the demo site', () => {
  it('lists 2,000 different URLs over six hosts, the same for the same seed', () => {
    const urls = demoUrls(PORT, 1);
    expect(new Set(urls).size).toBe(2000);
    expect(new Set(urls.map((url) => new URL(url).hostname)).size).toBe(6);
    expect(demoUrls(PORT, 1)).toEqual(urls);
    expect(demoUrls(PORT, 2)).not.toEqual(urls);
    expect([...demoUrls(PORT, 2)].sort()).toEqual([...urls].sort());
  });

  it('mixes the hosts, so that the first hundred URLs name all the large ones', () => {
    const hosts = new Set(
      demoUrls(PORT)
        .slice(0, 100)
        .map((url) => new URL(url).hostname),
    );
    expect(hosts).toContain('docs.localhost');
    expect(hosts).toContain('shop.localhost');
    expect(hosts).toContain('news.localhost');
  });

  it('answers each page with the same bytes for the same seed and others for another', () => {
    const url = `http://docs.localhost:${PORT}/guide/7`;
    expect(bodyOf(url).equals(bodyOf(url))).toBe(true);
    expect(bodyOf(url).equals(bodyOf(url, 2))).toBe(false);
  });

  it('has pages from 1 kB to about 200 kB', () => {
    const sizes = OUTCOMES.map(({ bytes }) => bytes ?? 0).filter((bytes) => bytes > 500);
    expect(Math.max(...sizes)).toBeGreaterThan(100_000);
    expect(Math.max(...sizes)).toBeLessThan(220_000);
    expect(sizes.filter((bytes) => bytes < 5_000).length).toBeGreaterThan(100);
  });

  it('ends as done for nearly all, and as failed for the faults that do not heal', () => {
    const failed = OUTCOMES.filter(({ state }) => state === 'failed');
    // gone 16, forbidden 4, failing 3, reset 2, loops 2, staircase 1, nowhere 1
    expect(failed.length).toBe(29);
    expect(new Set(failed.map(({ url }) => url.hostname))).toEqual(new Set(['broken.localhost']));
  });

  it('forbids the drafts of one host', () => {
    const skipped = OUTCOMES.filter(({ state }) => state === 'skipped');
    expect(skipped.map(({ url }) => url.pathname).sort()).toEqual(['1', '2', '3', '4', '5'].map((n) => `/draft/${n}`));
    const port = { seed: 1, port: PORT, path: '/robots.txt', hit: 1 };
    expect(demoAnswer('busy.localhost', port)).toMatchObject({ status: 200 });
    expect(demoAnswer('docs.localhost', port)).toMatchObject({ status: 404 });
  });

  it('heals what is meant to heal', () => {
    for (const path of ['/twice/1', '/reset-once/1', '/cut-once/1', '/moved/1', '/elsewhere/1']) {
      expect(expectedOutcome(1, `http://broken.localhost:${PORT}${path}`)).toMatchObject({
        state: 'done',
        status: 200,
      });
    }
    expect(expectedOutcome(1, `http://busy.localhost:${PORT}/ticket/20`).state).toBe('done');
  });

  it('says 429 with Retry-After once for every twentieth ticket', () => {
    const ask = (hit: number) => demoAnswer('busy.localhost', { seed: 1, port: PORT, path: '/ticket/40', hit });
    expect(ask(1)).toMatchObject({ status: 429, headers: { 'retry-after': '1' } });
    expect(ask(2)).toMatchObject({ status: 200 });
  });

  it('shows the same bytes under /latest/ as under the guide itself', () => {
    const guide = bodyOf(`http://docs.localhost:${PORT}/guide/3`);
    expect(bodyOf(`http://docs.localhost:${PORT}/latest/guide/3`).equals(guide)).toBe(true);
  });

  it('writes the product that demoProduct describes', () => {
    const html = bodyOf(`http://shop.localhost:${PORT}/product/8`).toString();
    const product = demoProduct(1, 8);
    expect(html).toContain(`<h1>${product.name}</h1>`);
    expect(html).toContain(`<p class="price">${product.price}</p>`);
    expect(html).toContain(`<span class="sku">${product.sku}</span>`);
    expect(html).toContain(`<ul class="tags">${product.tags.map((tag) => `<li>${tag}</li>`).join('')}</ul>`);
    expect(demoProduct(1, 15).price).toBeNull();
  });

  it('links only to pages that exist, save for the deliberate ones', () => {
    const dead = new Set<string>();
    for (const url of demoUrls(PORT).filter((_, index) => index % 20 === 0)) {
      const { hostname, pathname } = new URL(url);
      const answer = demoAnswer(hostname, { seed: 1, port: PORT, path: pathname, hit: 3 });
      if (answer.kind !== 'answer') continue;
      for (const [, href] of Buffer.from(answer.body)
        .toString('latin1')
        .matchAll(/href="([^"]+)"/g)) {
        const target = new URL(href as string, url);
        const there = demoAnswer(target.hostname, { seed: 1, port: PORT, path: target.pathname, hit: 1 });
        if (there.kind === 'answer' && there.status === 404) dead.add(target.hostname);
      }
    }
    expect([...dead]).toEqual(['broken.localhost']);
  });

  it('answers an unknown page and an unknown host with 404, and localhost with the list of hosts', () => {
    const request = { seed: 1, port: PORT, path: '/product/501', hit: 1 };
    expect(demoAnswer('shop.localhost', request)).toMatchObject({ status: 404 });
    expect(demoAnswer('other.localhost', { ...request, path: '/' })).toMatchObject({ status: 404 });
    const start = bodyOf(`http://localhost:${PORT}/`).toString();
    for (const host of DEMO_HOSTS) expect(start).toContain(host.name);
  });
});

describe('encodeText', () => {
  it.each([
    ['windows-1252', 'près de 40 € – l’œuvre'],
    ['iso-8859-1', 'Der Fluß trägt Hähne'],
    ['shift_jis', '堰は静かに流れを守り続ける。ABC'],
    ['utf-8', '堰 ß €'],
  ] as const)('writes %s so that TextDecoder reads it back', (charset, text) => {
    expect(new TextDecoder(charset).decode(encodeText(text, charset))).toBe(text);
  });

  it('writes a question mark for what a charset cannot say', () => {
    expect(encodeText('堰x', 'windows-1252').toString('latin1')).toBe('?x');
  });
});
