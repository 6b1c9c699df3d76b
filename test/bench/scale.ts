/**
 * `npm run bench:scale`: lists from ten thousand to ten million URLs. Imported by the whole program beside a crawl that stands
 * idle: lines per second, memory, time to the first request. Then the store alone at each size: what a new line, a line whose
 * URL is known and a lease cost. Then, with `--pages`, what a page costs early and late in a long run. Ends with 1 where a
 * bound is missed. Ten million lines take some ten minutes and 4 GB in the work folder.
 */
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { describeMachine, machineLine } from './machine.ts';
import { type Panel, renderScaleChart } from './scale-chart.ts';
import { measureStore, type StoreCosts } from './scale-costs.ts';
import { type ImportRun, runImport, silentServer } from './scale-import.ts';
import { type ListShape, writeList } from './scale-list.ts';
import { measurePages } from './scale-pages.ts';
import { makeWorkFolder } from './work-folder.ts';

const USAGE = `usage: npm run bench:scale -- [--lines 10000000] [--shape few,many] [--pages 1000000] [--svg FILE]
  --shape  few: 8 hosts, sorted; many: 100,000 hosts, shuffled, 30 % of the lines repeat an earlier one
  --pages  0: leave that part out; --lines 0 leaves out all but that part`;

const SMALLEST = 10_000;
const LEAST_LINES_PER_SECOND = 40_000;
const MOST_BYTES_A_URL = 6;
const MOST_FIRST_REQUEST_MS = 1_000;
const MOST_LATE_SHARE = 1.15;

const SHAPES: Readonly<Record<string, ListShape & { readonly name: string }>> = {
  few: { name: '8 hosts, sorted', hosts: 8, order: 'sorted', duplicates: 0 },
  many: { name: '100,000 hosts, shuffled, 30 % twice', hosts: 100_000, order: 'shuffled', duplicates: 0.3 },
};

interface ShapeReport {
  readonly name: string;
  readonly imports: readonly ImportRun[];
  readonly costs: readonly StoreCosts[];
}

const { values: options } = parseArgs({
  options: {
    lines: { type: 'string', default: '10000000' },
    shape: { type: 'string', default: 'few,many' },
    pages: { type: 'string', default: '1000000' },
    svg: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});
if (options.help) console.log(USAGE);
else process.exitCode = (await main()) ? 0 : 1;

/** Returns whether every bound holds. */
async function main(): Promise<boolean> {
  const machine = machineLine(describeMachine());
  console.log(`${machine}\n`);
  const folder = await makeWorkFolder('scale');
  try {
    const reports: ShapeReport[] = [];
    const names = Number(options.lines) === 0 ? [] : options.shape.split(',');
    for (const name of names) {
      const shape = SHAPES[name];
      if (shape === undefined) throw new Error(`there is no shape "${name}"\n${USAGE}`);
      reports.push(await measureShape(shape, sizesTo(Number(options.lines)), folder));
    }
    if (options.svg !== undefined && reports.length > 0)
      await writeFile(options.svg, renderScaleChart(panelsOf(reports), machine));
    const pagesHold = Number(options.pages) === 0 || (await reportPages(Number(options.pages), folder));
    return reports.every(holds) && pagesHold;
  } finally {
    await rm(folder, { recursive: true });
  }
}

function sizesTo(most: number): number[] {
  const sizes: number[] = [];
  for (let size = SMALLEST; size < most; size *= 10) sizes.push(size);
  return [...sizes, most];
}

async function measureShape(
  shape: ListShape & { readonly name: string },
  sizes: readonly number[],
  folder: string,
): Promise<ShapeReport> {
  console.log(`### ${shape.name}\n`);
  console.log(
    '| lines | lines/s | CPU µs a line | peak RSS MB | first request ms | end ms |\n|---:|---:|---:|---:|---:|---:|',
  );
  const imports: ImportRun[] = [];
  for (const size of sizes) {
    const run = await importOnce(size, shape, folder);
    imports.push(run);
    const cells = [
      size,
      rateOf(run),
      (run.cpuMs * 1_000) / run.lines,
      run.peakRssBytes / 1e6,
      run.firstRequestMs,
      run.closeMs,
    ];
    console.log(row(cells));
  }
  console.log(`\n${((growth(imports) * 10) | 0) / 10} bytes a URL more at the most than at ${SMALLEST} lines\n`);
  console.log('| URLs | µs a new line | µs a known line | µs a lease |\n|---:|---:|---:|---:|');
  const costs = await measureStore(join(folder, 'store.db'), sizes, shape);
  for (const { urls, newLineMicros, knownLineMicros, leaseMicros } of costs) {
    console.log(row([urls, newLineMicros, knownLineMicros, leaseMicros]));
  }
  console.log();
  return { name: shape.name, imports, costs };
}

async function importOnce(size: number, shape: ListShape, folder: string): Promise<ImportRun> {
  const list = join(folder, 'list.txt');
  const file = join(folder, 'import.db');
  const server = await silentServer();
  try {
    await writeList(list, size, server.port, shape);
    return await runImport(list, file, server);
  } finally {
    server.close();
    await rm(list, { force: true });
    await rm(file, { force: true });
  }
}

async function reportPages(pages: number, folder: string): Promise<boolean> {
  const { early, late, pagesPerSecond } = await measurePages(pages, folder);
  const share = late.micros / early.micros;
  console.log('| pages | CPU µs a page |\n|---:|---:|');
  for (const { from, to, micros } of [early, late])
    console.log(`| ${whole(from)} to ${whole(to)} | ${whole(micros)} |`);
  console.log(`\n${share.toFixed(2)} (to reach: ${MOST_LATE_SHARE}) at ${whole(pagesPerSecond)} pages/s\n`);
  return share <= MOST_LATE_SHARE;
}

function holds({ imports }: ShapeReport): boolean {
  const largest = imports.at(-1);
  if (largest === undefined) return true;
  return (
    rateOf(largest) >= LEAST_LINES_PER_SECOND &&
    growth(imports) <= MOST_BYTES_A_URL &&
    (largest.firstRequestMs ?? Infinity) <= MOST_FIRST_REQUEST_MS
  );
}

function rateOf({ lines, importMs }: ImportRun): number {
  return (lines * 1_000) / importMs;
}

/** Bytes of memory that each line of the longest list takes beyond what the shortest takes. */
function growth(imports: readonly ImportRun[]): number {
  const [first, last] = [imports[0], imports.at(-1)];
  if (first === undefined || last === undefined || last.lines === first.lines) return 0;
  return (last.peakRssBytes - first.peakRssBytes) / (last.lines - first.lines);
}

function panelsOf(reports: readonly ShapeReport[]): Panel[] {
  const costs = (of: (costs: StoreCosts) => number) => (report: ShapeReport) =>
    report.costs.map((at) => ({ size: at.urls, value: of(at) }));
  const known = costs((at) => at.knownLineMicros);
  const fresh = costs((at) => at.newLineMicros);
  const lease = costs((at) => at.leaseMicros);
  return [
    {
      title: 'Lines a second, imported by the whole program',
      bound: LEAST_LINES_PER_SECOND,
      series: reports.map(({ name, imports }) => ({
        name,
        points: imports.map((run) => ({ size: run.lines, value: rateOf(run) })),
      })),
    },
    {
      title: 'Finding out whether a URL is new, and storing it: µs a line',
      bound: null,
      series: reports.flatMap((report) => [
        { name: `new: ${report.name}`, points: fresh(report) },
        { name: `known: ${report.name}`, points: known(report) },
      ]),
    },
    {
      title: 'Picking what to fetch next: µs a lease',
      bound: null,
      series: reports.map((report) => ({ name: report.name, points: lease(report) })),
    },
  ];
}

function row(cells: readonly (number | null)[]): string {
  return `| ${cells.map((cell) => (cell === null ? '' : cell < 100 ? cell.toFixed(1) : whole(cell))).join(' | ')} |`;
}

function whole(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}
