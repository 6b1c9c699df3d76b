import { createHash } from 'node:crypto';
import { Agent, request } from 'undici';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { gunzipSync } from 'node:zlib';
import { expectedOutcome } from '../../../src/demo/expected.ts';
import type { DemoServer } from '../../../src/demo/server.ts';
import { startDemoSite } from '../../../src/demo/server.ts';

describe('the demo site’s server', () => {
  let site: DemoServer;
  const agent = new Agent();

  beforeAll(async () => {
    site = await startDemoSite({ speed: 50 });
  });
  afterAll(async () => {
    await agent.close();
    await site.close();
  });

  async function get(host: string, path: string, headers: Record<string, string> = {}) {
    const url = `http://127.0.0.1:${site.port}${path}`;
    const answer = await request(url, { dispatcher: agent, headers: { host: `${host}:${site.port}`, ...headers } });
    return { ...answer, bytes: Buffer.from(await answer.body.arrayBuffer()) };
  }

  it('serves the bytes that expectedOutcome predicts, plain and compressed', async () => {
    const expected = expectedOutcome(1, `http://news.localhost:${site.port}/article/3`);
    const digest = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
    const plain = await get('news.localhost', '/article/3');
    expect(plain.headers['content-encoding']).toBeUndefined();
    expect(digest(plain.bytes)).toBe(expected.sha256);
    const zipped = await get('news.localhost', '/article/3', { 'accept-encoding': 'gzip, br' });
    expect(zipped.headers['content-encoding']).toBe('gzip');
    expect(zipped.bytes.length).toBeLessThan(plain.bytes.length);
    expect(digest(gunzipSync(zipped.bytes))).toBe(expected.sha256);
  });

  it('tells hosts apart by the Host header and counts requests by URL', async () => {
    expect((await get('shop.localhost', '/product/1')).bytes.toString()).toContain('Weir Shop');
    expect((await get('docs.localhost', '/product/1')).statusCode).toBe(404);
    const counts = await site.counts();
    expect(counts.get(`http://shop.localhost:${site.port}/product/1`)).toBe(1);
    expect(counts.get(`http://docs.localhost:${site.port}/product/1`)).toBe(1);
  });

  it('resets, cuts and recovers as the hosts say', async () => {
    await expect(get('broken.localhost', '/reset-once/1')).rejects.toThrow();
    expect((await get('broken.localhost', '/reset-once/1')).statusCode).toBe(200);
    await expect(get('broken.localhost', '/cut-once/1')).rejects.toThrow();
    const whole = await get('broken.localhost', '/cut-once/1');
    const expected = expectedOutcome(1, `http://broken.localhost:${site.port}/cut-once/1`);
    expect(whole.bytes.length).toBe(expected.bytes);
  });

  it('says when a number of requests has arrived', async () => {
    const before = [...(await site.counts()).values()].reduce((sum, hits) => sum + hits, 0);
    let reached = false;
    const wait = site.reached(before + 2).then(() => (reached = true));
    await get('docs.localhost', '/');
    await site.counts();
    expect(reached).toBe(false);
    await get('docs.localhost', '/guide/1');
    await wait;
    expect(reached).toBe(true);
  });

  it('refuses a port that is taken, in words', async () => {
    await expect(startDemoSite({ port: site.port })).rejects.toThrow(/is taken/);
  });
});
