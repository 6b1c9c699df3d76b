/**
 * The jobs of `npm run bench`. Each names what is crawled, with how many connections, which variants of Weir take part and what
 * all are held against: the ceiling's run of the same round, or where latency is the bound the ideal time.
 */
import type { Contestant } from './contestant.ts';
import { startLatencySite } from './latency-site.ts';
import type { LatencySite } from './latency-site.ts';
import { weir } from './weir.ts';

interface JobBase {
  readonly id: string;
  readonly title: string;
  /** In flight, as far as a program can be told. Weir has what its variant says, 32 by default. */
  readonly connections: number;
  readonly extract: boolean;
  readonly weir: readonly Contestant[];
}

/** Crawls the documents (or the demo site). */
export interface DocumentJob extends JobBase {
  readonly kind: 'documents';
}

/** Crawls small pages of many slow hosts. */
export interface LatencyJob extends JobBase {
  readonly kind: 'latency';
  /** As many URLs as asked for, or the job's own number of them. */
  start(pages: number | undefined): Promise<LatencySite>;
}

export type Job = DocumentJob | LatencyJob;

const IN_FLIGHT = 256;
const LATENCY = {
  kind: 'latency',
  connections: IN_FLIGHT,
  extract: false,
  weir: [weir(['-c', String(IN_FLIGHT), '--per-host', '8', '--no-robots']), weir([])],
} as const;
const MANY_HOSTS = 20_000;
const FEW_HOSTS = 200;
const FEW_HOSTS_PAGES = 10_000;

export const JOBS: readonly Job[] = [
  {
    id: 'A',
    title: 'download and store',
    kind: 'documents',
    connections: 16,
    extract: false,
    weir: [weir(['--parse', 'none'])],
  },
  {
    id: 'B',
    title: 'download, extract title, text and links, store',
    kind: 'documents',
    connections: 16,
    extract: true,
    weir: [weir([])],
  },
  {
    ...LATENCY,
    id: 'D',
    title: `${FEW_HOSTS} slow hosts`,
    start: (pages = FEW_HOSTS_PAGES) => startLatencySite(FEW_HOSTS, () => Math.ceil(pages / FEW_HOSTS)),
  },
  {
    ...LATENCY,
    id: 'E',
    title: 'very many slow hosts of 1 to 3 pages',
    start: (pages = 2 * MANY_HOSTS) => startLatencySite(Math.ceil(pages / 2), (host) => 1 + (host % 3)),
  },
];
