import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Producer, SeedBatch, SeedLine, SourcePosition } from '../../src/model/seed.ts';
import { LineCursor } from '../../src/producer/line-cursor.ts';
import type { TextEncoding } from '../../src/producer/line-cursor.ts';
import { openProducers } from '../../src/producer/open-producers.ts';
import { seedUrl } from '../../src/url/seed-url.ts';

let folder = '';
let files = 0;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'weir-list-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const START: SourcePosition = { byteOffset: 0, line: 0 };

async function open(content: Uint8Array, name: string): Promise<Producer> {
  const path = join(folder, `${files++}-${name}`);
  await writeFile(path, content);
  const [producer] = await openProducers(
    { urls: [path], seeds: [], urlPattern: [], urlColumn: null },
    new PassThrough(),
  );
  return producer as Producer;
}

async function read(producer: Producer, from: SourcePosition, batchSize: number): Promise<SeedBatch[]> {
  const batches: SeedBatch[] = [];
  for await (const batch of producer.batches(from, batchSize)) batches.push(batch);
  return batches;
}

function linesOf(batches: readonly SeedBatch[]): SeedLine[] {
  return batches.flatMap((batch) => batch.lines);
}

/** Batches are full or last, end where the next begins, and starting at any of their ends gives exactly the rest. */
async function checkEveryCut(
  producer: Producer,
  whole: readonly SeedBatch[],
  batchSize: number,
  cuts: number,
): Promise<void> {
  const lines = linesOf(whole);
  for (const [index, batch] of whole.entries()) {
    expect(batch.last).toBe(index === whole.length - 1);
    expect(batch.lines.length <= batchSize && (batch.last || batch.lines.length === batchSize)).toBe(true);
  }
  const stride = Math.max(1, Math.floor(whole.length / cuts));
  for (let index = 0; index < whole.length; index += stride) {
    const position = whole[index]?.position as SourcePosition;
    const before = linesOf(whole.slice(0, index + 1));
    const after = linesOf(await read(producer, position, batchSize));
    expect([...before, ...after]).toEqual(lines);
  }
}

const text = fc.oneof(
  { weight: 4, arbitrary: fc.webUrl({ withQueryParameters: true }) },
  { weight: 2, arbitrary: fc.domain() },
  {
    weight: 1,
    arbitrary: fc.constantFrom('', '   ', '#', '# comment', '\t', 'nonsense', 'ftp://x/', 'http://u:p@h/', '\r'),
  },
  {
    weight: 1,
    arbitrary: fc.string({ unit: 'grapheme', maxLength: 40 }).map((line) => line.replaceAll(/[\r\n\0]/g, ' ')),
  },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 400 }).map((n) => `http://h.test/${'ü\u0a0a'.repeat(n)}`) },
);
const lineEnd = fc.constantFrom('\n', '\r\n');
const encodings = ['utf-8', 'utf-8-bom', 'utf-16le', 'utf-16be'] as const;
const packings = ['plain', 'gzip', 'zstd'] as const;

function encode(content: string, encoding: (typeof encodings)[number]): Buffer {
  if (encoding === 'utf-8') return Buffer.from(content);
  if (encoding === 'utf-8-bom') return Buffer.from(`\ufeff${content}`);
  const bytes = Buffer.from(`\ufeff${content}`, 'utf16le');
  return encoding === 'utf-16le' ? bytes : bytes.swap16();
}

function pack(bytes: Buffer, packing: (typeof packings)[number]): Buffer {
  if (packing === 'plain') return bytes;
  return packing === 'gzip' ? gzipSync(bytes) : zstdCompressSync(bytes);
}

/** What a line means, said once more without the reader's code: a comment, nothing, a URL or a reason. */
function meaning(line: string): string {
  if (line.startsWith('#') || line.trim() === '') return 'blank';
  const seed = seedUrl(line);
  return seed.ok ? seed.url : `(${seed.reason})`;
}

function said(item: SeedLine): string {
  return item.kind === 'url' ? item.url : item.kind === 'rejected' ? `(${item.reason})` : 'blank';
}

test('whatever the line ends, encoding, packing and batch size: every line once, in order, and resumable at every cut', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(text, lineEnd), { minLength: 1, maxLength: 60 }),
      fc.boolean(),
      fc.constantFrom(...encodings),
      fc.constantFrom(...packings),
      fc.integer({ min: 1, max: 20 }),
      async (lines, finalNewline, encoding, packing, batchSize) => {
        // One usable line keeps the list from being refused as empty.
        const all: (readonly [string, string])[] = [...lines, ['http://last.test/', finalNewline ? '\n' : '']];
        const content = all.map(([line, end]) => line + end).join('');
        const producer = await open(pack(encode(content, encoding), packing), 'list.txt');
        const whole = await read(producer, START, batchSize);
        expect(linesOf(whole).map((item) => item.line)).toEqual(all.map((_line, index) => index + 1));
        expect(linesOf(whole).map(said)).toEqual(all.map(([line]) => meaning(line)));
        expect(whole.at(-1)?.position).toEqual({ byteOffset: encode(content, encoding).length, line: all.length });
        await checkEveryCut(producer, whole, batchSize, 8);
      },
    ),
    { numRuns: 120 },
  );
});

test('how standard input is cut into chunks does not matter', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(text, lineEnd), { minLength: 1, maxLength: 30 }),
      fc.constantFrom(...encodings),
      fc.constantFrom(...packings),
      fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 20 }),
      async (lines, encoding, packing, sizes) => {
        const content = `${lines.map(([line, end]) => line + end).join('')}http://last.test/`;
        const bytes = pack(encode(content, encoding), packing);
        const chunks: Buffer[] = [];
        for (let at = 0, turn = 0; at < bytes.length; turn++) {
          const size = sizes[turn % sizes.length] ?? 1;
          chunks.push(bytes.subarray(at, at + size));
          at += size;
        }
        const stdin = Readable.from(chunks, { objectMode: false });
        const input = { urls: ['-'], seeds: [], urlPattern: [], urlColumn: null };
        const [producer] = await openProducers(input, stdin);
        const whole = await read(producer as Producer, START, 7);
        expect(linesOf(whole).map(said)).toEqual([...lines.map(([line]) => meaning(line)), 'http://last.test/']);
        expect(whole.at(-1)?.position.byteOffset).toBe(encode(content, encoding).length);
      },
    ),
    { numRuns: 60 },
  );
});

test('the cursor cuts the same lines at the same offsets however the bytes arrive, with long lines and without', () => {
  const encoding = fc.constantFrom<TextEncoding>('utf-8', 'utf-16le', 'utf-16be');
  const unit = fc.constantFrom(
    'a',
    'ü',
    '\u0a0a',
    '\u010a',
    '\r',
    '\n',
    '\n',
    '\ufeff',
    'long enough to pass the limit',
  );
  const cut = (bytes: Buffer, encoding: TextEncoding, sizes: readonly number[]): unknown[] => {
    const cursor = new LineCursor(encoding, 0, 24);
    const lines: unknown[] = [];
    const drain = () => {
      while (cursor.next()) lines.push([cursor.fault ?? cursor.text, cursor.endOffset]);
    };
    for (let at = 0, turn = 0; at < bytes.length; turn++) {
      const size = sizes[turn % sizes.length] ?? 1;
      cursor.push(bytes.subarray(at, at + size));
      at += size;
      drain();
    }
    cursor.push(null);
    drain();
    expect(cursor.next()).toBe(false);
    return lines;
  };
  fc.assert(
    fc.property(
      fc.array(unit, { maxLength: 60 }),
      encoding,
      fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 10 }),
      (units, encoding, sizes) => {
        const bytes = encode(units.join(''), encoding).subarray(encoding === 'utf-8' ? 0 : 2);
        const whole = cut(bytes, encoding, [1_000_000]);
        expect(cut(bytes, encoding, sizes)).toEqual(whole);
        const ends = [...units.join('').matchAll(/\n/g)].length;
        expect(whole.length).toBe(ends + (bytes.length > 0 && units.at(-1) !== '\n' ? 1 : 0));
      },
    ),
    { numRuns: 1_000 },
  );
});

const cell = fc.oneof(
  fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', ' ', 'ü', ';', '#', '\t'), maxLength: 8 }),
  fc.string({ unit: 'grapheme', maxLength: 8 }).map((value) => value.replaceAll(/[\r\0]/g, ' ')),
);
const quoted = (value: string) => `"${value.replaceAll('"', '""')}"`;

test('CSV: what was written by the rules of RFC 4180 comes back cell by cell, resumable at every cut', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.webUrl(), cell, cell, fc.boolean()), { minLength: 1, maxLength: 25 }),
      lineEnd,
      fc.constantFrom(...encodings),
      fc.constantFrom(...packings),
      fc.integer({ min: 1, max: 10 }),
      async (records, end, encoding, packing, batchSize) => {
        const rows = records.map(([url, a, b, always]) =>
          [a, url, b].map((value) => (always || /[",\n#]/.test(value) ? quoted(value) : value)).join(','),
        );
        const content = `first,url,"last, really"${end}${rows.join(end)}`;
        const producer = await open(pack(encode(content, encoding), packing), 'list.csv');
        const whole = await read(producer, START, batchSize);
        const items = linesOf(whole).slice(1);
        expect(items.map((item) => (item.kind === 'blank' ? null : JSON.parse(item.columns ?? 'null')))).toEqual(
          records.map(([, a, b]) => ({ first: a, 'last, really': b })),
        );
        expect(items.map(said)).toEqual(records.map(([url]) => meaning(url)));
        await checkEveryCut(producer, whole, batchSize, 6);
      },
    ),
    { numRuns: 120 },
  );
});

test('any text at all as CSV or JSON Lines: nothing throws, no line is in two items, every cut resumes', async () => {
  const junk = fc.string({
    unit: fc.constantFrom(
      '"',
      '"',
      ',',
      '\n',
      '\n',
      '\r\n',
      'a',
      '{',
      '}',
      ':',
      '#',
      ' ',
      'http://h.test/',
      '{"url":"h.test"}',
    ),
    maxLength: 80,
  });
  await fc.assert(
    fc.asyncProperty(
      junk,
      fc.constantFrom('list.csv', 'list.jsonl'),
      fc.integer({ min: 1, max: 9 }),
      async (junk, name, batchSize) => {
        const first = name === 'list.csv' ? 'url,x\n' : '{"url":"http://h.test/"}\n';
        const content = `${first}${junk}\nhttp://end.test/,x`;
        const producer = await open(Buffer.from(content), name);
        const whole = await read(producer, START, batchSize);
        const numbers = linesOf(whole).map((item) => item.line);
        expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b));
        expect(whole.at(-1)?.position).toEqual({
          byteOffset: Buffer.byteLength(content),
          line: content.split('\n').length,
        });
        await checkEveryCut(producer, whole, batchSize, 8);
      },
    ),
    { numRuns: 150 },
  );
});
