/**
 * The entrance of the producer stage: everything the user named as input becomes a list of producers, in the order URLs on
 * the command line, patterns, lists. All of it is checked before anything runs, and all problems come at once.
 *
 * The same list, pattern or standard input named twice is read once: naming it again adds nothing to read, and the second
 * reading would only count every line as a duplicate.
 */
import { createHash } from 'node:crypto';
import { realpath, stat } from 'node:fs/promises';
import { ConfigError } from '../model/errors.ts';
import type { Producer } from '../model/seed.ts';
import { describeUrlProblem } from '../url/canonical.ts';
import { redactUrl } from '../url/redact.ts';
import { seedUrl } from '../url/seed-url.ts';
import { IndexedProducer } from './indexed-producer.ts';
import { openListFile, openStdin } from './open-list.ts';
import { parseUrlPattern } from './url-pattern.ts';

export interface ProducerInput {
  /** List files, or '-' for standard input. */
  readonly urls: readonly string[];
  /** URLs given directly. */
  readonly seeds: readonly string[];
  readonly urlPattern: readonly string[];
  /** Column of a CSV, TSV or JSONL list: name or number from 1; `null` = found by name or content. */
  readonly urlColumn: string | number | null;
}

/**
 * Opens all sources of a run. Files are opened again when their batches are asked for; standard input is held from now on,
 * with its first bytes read.
 * @throws {ConfigError} `ERR_INPUT` with one line for each problem: lists that are missing, empty, binary, a directory or
 * unreadable, columns that do not exist, arguments that are no URLs, patterns that cannot be read.
 */
export async function openProducers(input: ProducerInput, stdin: NodeJS.ReadableStream): Promise<Producer[]> {
  const problems: string[] = [];
  const producers: Producer[] = [];
  if (input.seeds.length > 0) {
    problems.push(...(await checkSeeds(input.seeds)));
    producers.push(argumentProducer(input.seeds));
  }
  for (const pattern of new Set(input.urlPattern)) {
    const opened = patternProducer(pattern);
    if (typeof opened === 'string') problems.push(opened);
    else producers.push(opened);
  }
  for (const file of await distinctFiles(input.urls)) {
    const opened = await openListFile(file, input.urlColumn);
    if ('problem' in opened) problems.push(opened.problem);
    else producers.push(opened.producer);
  }
  // Last, and only if all else is well: reading it cannot be undone.
  if (input.urls.includes('-') && problems.length === 0) {
    const opened = await openStdin(stdin, input.urlColumn);
    if ('problem' in opened) problems.push(opened.problem);
    else producers.push(opened.producer);
  }
  if (problems.length > 0) throw new ConfigError(problems, 'ERR_INPUT');
  return producers;
}

/** List files without '-', each once under whatever names. */
async function distinctFiles(names: readonly string[]): Promise<string[]> {
  const byRealPath = new Map<string, string>();
  for (const name of names) {
    if (name === '-') continue;
    // A name that leads nowhere is reported when it is opened.
    const path = await realpath(name).catch(() => name);
    if (!byRealPath.has(path)) byRealPath.set(path, name);
  }
  return [...byRealPath.values()];
}

async function checkSeeds(seeds: readonly string[]): Promise<string[]> {
  const problems: string[] = [];
  for (const seed of seeds) {
    if (!seed.includes('://') && (await isFile(seed))) {
      problems.push(`${seed} is a file; did you mean --urls ${seed}? (The site of that name is https://${seed})`);
      continue;
    }
    const result = seedUrl(seed);
    if (!result.ok) problems.push(describeUrlProblem(result.reason, seed));
  }
  return problems;
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (stats) => stats.isFile(),
    () => false,
  );
}

function argumentProducer(seeds: readonly string[]): Producer {
  // The digest is stored: of a password nothing is, not even that.
  const digest = createHash('sha256')
    .update(JSON.stringify(seeds.map(redactUrl)))
    .digest('hex')
    .slice(0, 16);
  const identity = { kind: 'arguments', name: digest, fingerprint: digest, sizeBytes: seeds.length } as const;
  return new IndexedProducer(identity, seeds.length, (index) => seeds[index] ?? '');
}

function patternProducer(pattern: string): Producer | string {
  const parsed = parseUrlPattern(pattern);
  const shown = `--url-pattern '${redactUrl(pattern)}'`;
  if ('problem' in parsed) return `${shown}: at character ${parsed.column}: ${parsed.problem}`;
  const first = seedUrl(parsed.at(0));
  if (!first.ok) return `${shown}: at character 1: ${describeUrlProblem(first.reason, parsed.at(0))}`;
  const name = redactUrl(pattern);
  const digest = createHash('sha256').update(name).digest('hex').slice(0, 16);
  const identity = { kind: 'pattern', name, fingerprint: digest, sizeBytes: parsed.count } as const;
  return new IndexedProducer(identity, parsed.count, (index) => parsed.at(index));
}
