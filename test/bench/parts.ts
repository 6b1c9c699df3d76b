/**
 * `npm run bench:parts`: each part that the page path consists of, beside the simplest thing that does the same work, as a
 * ratio of processor times in the same process (`parts/part.ts`). A ratio above its range means that the part has become
 * slower, and ends the program with 1; one below means that the range can be drawn closer.
 */
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { describeMachine, machineLine } from './machine.ts';
import { concurrencyParts } from './parts/concurrency.ts';
import { pageParts } from './parts/pages.ts';
import { measurePart } from './parts/part.ts';
import type { Part, PartResult } from './parts/part.ts';
import { storeParts } from './parts/store.ts';
import { median, renderTable } from './table.ts';

const PARTS: readonly Part[] = [...concurrencyParts, ...pageParts, ...storeParts];
/** Results of `commit` are made beforehand for all rounds. */
const MOST_ROUNDS = 50;

const USAGE = `usage: npm run bench:parts -- [--part ${PARTS.map(({ id }) => id).join(',')}] [--rounds 9] [--json FILE]
  --part     which of them; all     --rounds   counted ones, after two to warm up; at most ${MOST_ROUNDS}
  --json     every round of every part; - for standard output instead of the table`;

const { values: options } = parseArgs({
  options: {
    part: { type: 'string' },
    rounds: { type: 'string', default: '9' },
    json: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

if (options.help) console.log(USAGE);
else await main(chosen(options.part), roundsOf(options.rounds));

async function main(parts: readonly Part[], rounds: number): Promise<void> {
  const machine = describeMachine();
  const results: PartResult[] = [];
  for (const part of parts) results.push(await measurePart(part, rounds));
  const json = results.map((result) => ({
    ...result,
    ratio: median(result.ratios),
    expected: partOf(result.id).expected,
  }));
  const text = `${JSON.stringify({ machine, parts: json }, null, 2)}\n`;
  if (options.json === '-') process.stdout.write(text);
  else console.log(`${machineLine(machine)}\n\n${table(results)}`);
  if (options.json !== undefined && options.json !== '-') await writeFile(options.json, text);
  if (json.some(({ ratio, expected }) => ratio > expected[1])) process.exitCode = 1;
}

function table(results: readonly PartResult[]): string {
  const head = ['part', 'ours µs', 'baseline µs', 'ratio', 'spread', 'expected', ''];
  const rows = results.map(({ id, oursMicros, baselineMicros, ratios }) => {
    const [least, most] = partOf(id).expected;
    const ratio = median(ratios);
    const verdict = ratio > most ? 'SLOWER' : ratio < least ? 'faster: draw the range closer' : 'as expected';
    const spread = `${Math.min(...ratios).toFixed(2)}–${Math.max(...ratios).toFixed(2)}`;
    return [
      id,
      oursMicros.toFixed(2),
      baselineMicros.toFixed(2),
      ratio.toFixed(2),
      spread,
      `${least}–${most}`,
      verdict,
    ];
  });
  const legend = results.map(({ id }) => `${id}: ${partOf(id).ours}\n    ÷ ${partOf(id).baseline}`);
  return `${renderTable([head, ...rows])}\n\n${legend.join('\n')}`;
}

function partOf(id: string): Part {
  const part = PARTS.find((one) => one.id === id);
  if (part === undefined) throw new Error(`no part ${id}`);
  return part;
}

/** A name that is none, or a number of rounds that is none, ends the program. */
function chosen(names: string | undefined): readonly Part[] {
  const ids = names?.split(',') ?? PARTS.map(({ id }) => id);
  const unknown = ids.filter((id) => !PARTS.some((part) => part.id === id));
  if (unknown.length > 0) refuse(`--part ${unknown.join(',')}: there are ${PARTS.map(({ id }) => id).join(', ')}`);
  return PARTS.filter(({ id }) => ids.includes(id));
}

function roundsOf(text: string): number {
  const rounds = Number(text);
  if (!Number.isInteger(rounds) || rounds < 1 || rounds > MOST_ROUNDS)
    refuse(`--rounds must be 1 to ${MOST_ROUNDS}, got ${text}`);
  return rounds;
}

function refuse(message: string): never {
  console.error(message);
  process.exit(2);
}
