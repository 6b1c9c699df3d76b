/** Lists on disk for the producer tests, and what comes out of a producer. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { onTestFinished } from 'vitest';
import type { Producer, SeedBatch, SeedLine, SourcePosition } from '../../../src/model/seed.ts';
import { openProducers } from '../../../src/producer/open-producers.ts';
import type { ProducerInput } from '../../../src/producer/open-producers.ts';

export const START: SourcePosition = { byteOffset: 0, line: 0 };

export async function tempFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'weir-producer-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

export async function listFile(content: string | Uint8Array, name = 'list.txt'): Promise<string> {
  const path = join(await tempFolder(), name);
  await writeFile(path, content);
  return path;
}

export function openAll(
  input: Partial<ProducerInput>,
  stdin: NodeJS.ReadableStream = new PassThrough(),
): Promise<Producer[]> {
  return openProducers({ urls: [], seeds: [], urlPattern: [], urlColumn: null, ...input }, stdin);
}

export async function openOne(input: Partial<ProducerInput>, stdin?: NodeJS.ReadableStream): Promise<Producer> {
  const producers = await openAll(input, stdin);
  const [producer] = producers;
  if (producer === undefined || producers.length > 1) throw new Error(`${producers.length} producers instead of one`);
  return producer;
}

/** Standard input that delivers `chunks` and ends. */
export function stdinOf(...chunks: (string | Uint8Array)[]): Readable {
  return Readable.from(
    chunks.map((chunk) => Buffer.from(chunk)),
    { objectMode: false },
  );
}

/** The problems that opening `input` reports; none if it opens. */
export async function problemsOf(
  input: Partial<ProducerInput>,
  stdin?: NodeJS.ReadableStream,
): Promise<readonly string[]> {
  try {
    await openAll(input, stdin);
    return [];
  } catch (error) {
    const { code, problems } = error as { code?: string; problems?: readonly string[] };
    if (code !== 'ERR_INPUT' || problems === undefined) throw error;
    return problems;
  }
}

export async function batchesOf(
  producer: Producer,
  batchSize = 1_000,
  from: SourcePosition = START,
): Promise<SeedBatch[]> {
  const batches: SeedBatch[] = [];
  for await (const batch of producer.batches(from, batchSize)) batches.push(batch);
  return batches;
}

export async function linesOf(producer: Producer, batchSize?: number, from?: SourcePosition): Promise<SeedLine[]> {
  return (await batchesOf(producer, batchSize, from)).flatMap((batch) => batch.lines);
}

/** Short forms of items: the URL, or the reason in brackets, or '' for a blank. */
export function brief(lines: readonly SeedLine[]): string[] {
  return lines.map((item) => (item.kind === 'url' ? item.url : item.kind === 'rejected' ? `(${item.reason})` : ''));
}

export async function briefly(
  content: string | Uint8Array,
  name?: string,
  urlColumn: string | number | null = null,
): Promise<string[]> {
  return brief(await linesOf(await openOne({ urls: [await listFile(content, name)], urlColumn })));
}
