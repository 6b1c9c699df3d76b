/**
 * Laboratory: a crawler in miniature, with the engine's own queue and permits. A generator makes URLs, a bounded queue holds
 * them, permits bound how many are fetched at once. With `--real` the pages come over HTTP, from a slow site on loopback.
 */
import { BoundedQueue } from '../concurrency/bounded-queue.ts';
import { FetchPermits } from '../concurrency/fetch-permits.ts';
import type { Permit } from '../concurrency/permits.ts';
import { atMost, equal, takes } from './support/checks.ts';
import { defineExperiment, type Experiment, type LabResult } from './support/experiment.ts';
import { endOf, peakOf } from './support/lanes.ts';
import { duration, integer } from './support/parameters.ts';
import type { Scheduler, Spawned, Task } from './support/scheduler.ts';
import { fetchSize, slowSite, type SlowSite } from './support/slow-site.ts';

interface Crawl {
  readonly scheduler: Scheduler;
  readonly permits: FetchPermits;
  readonly queue: BoundedQueue<string>;
  readonly urls: number;
  readonly ms: number;
  readonly site: SlowSite | null;
  /** Tasks begun and not ended, all kinds; the most of them at once. */
  live: number;
  mostLive: number;
}

export const experiment: Experiment = defineExperiment({
  name: 'webcrawler',
  topic: 'Limits',
  rows: ['4.10', 'C1', 'C2'],
  summary: 'A generator makes URLs, a bounded queue holds them, and as many are fetched at once as there are permits.',
  watch: [
    'the waves: with 3 permits three pages at a time, each next one the moment another ends, never a fourth.',
    'Broken, each URL is a task that waits for its permit: work is bounded, tasks are not. Take the permit first.',
  ],
  parameters: {
    urls: integer('pages', 10, { max: 200 }),
    permits: integer('pages fetched at once', 3, { max: 200 }),
    ms: duration('how long each page takes', '2s'),
    capacity: integer('URLs in the queue at most', 2, { max: 1000 }),
  },
  isSeeded: true,
  hasBroken: true,
  async run({ parameters: { urls, permits: limit, ms, capacity }, variant, isReal, newScheduler }) {
    await using site = isReal ? await slowSite(ms) : null;
    const scheduler = newScheduler({ outsideMs: 2 * ms + 4000 });
    const { clock, tracer } = scheduler;
    const permits = new FetchPermits({ capacity: limit, name: 'a permit', clock, tracer });
    const queue = new BoundedQueue<string>({ capacity, name: 'the queue', clock, tracer });
    const crawl: Crawl = { scheduler, permits, queue, urls, ms, site, live: 0, mostLive: 0 };
    if (variant === 'broken') spawnAsWritten(crawl);
    else spawnBounded(crawl);
    const outcome = await scheduler.run();
    const lanes = scheduler.lanes('ms');
    const pages = lanes.filter(({ name }) => name.startsWith('page'));
    const waves = Math.ceil(urls / limit);
    const most = variant === 'broken' ? urls + 2 : Math.min(limit, urls) + 2;
    const result: LabResult = {
      unit: 'ms',
      lanes,
      log: scheduler.log,
      values: {
        'pages fetched': scheduler.log.filter(({ text }) => text.startsWith('finished')).length,
        'peak in flight': permits.gauge().highWater,
        'most tasks alive': crawl.mostLive,
        'queue at most': queue.gauge().highWater,
        ...(site === null ? {} : { 'peak seen by the server': site.peak }),
      },
      checks: [
        equal('ends by itself', true, outcome.kind === 'finished'),
        equal('pages in flight at most', Math.min(limit, urls), peakOf(pages, 'works')),
        ...(site === null ? [] : [equal('as counted by the server', Math.min(limit, urls), site.peak)]),
        takes(`time for ${waves} waves`, waves * ms, endOf(pages), isReal),
        variant === 'broken'
          ? equal('tasks alive at once', most, crawl.mostLive)
          : atMost('tasks alive at once', most, crawl.mostLive),
        atMost('URLs in the queue', capacity, queue.gauge().highWater),
      ],
      defect:
        variant === 'broken'
          ? `${crawl.mostLive} tasks alive for ${limit} permits: a million URLs, a million tasks`
          : null,
      verdict:
        variant === 'broken'
          ? 'a semaphore bounds the work, not those who wait for it'
          : `${waves} waves, exactly ${Math.min(limit, urls)} at a time, and no task alive before its permit`,
    };
    return result;
  },
});

/** The permit comes first, then the URL, then a task for it: what is not being fetched yet is a line in the queue. */
function spawnBounded(crawl: Crawl): void {
  const { scheduler, permits, queue } = crawl;
  spawn(crawl, 'generator', async () => {
    for (const url of urlsOf(crawl)) await queue.put(url);
    queue.close();
  });
  spawn(crawl, 'crawler', async (task) => {
    const pages: Spawned[] = [];
    for (;;) {
      const permit = await permits.acquire();
      await task.step();
      const url = await queue.take();
      if (url === undefined) {
        permit.release();
        break;
      }
      pages.push(spawn(crawl, url, (page) => fetchPage(page, crawl, permit)));
    }
    for (const page of pages) await task.join(page);
    task.say(`all done at ${Math.round(scheduler.clock.elapsed())} ms`);
  });
}

/** As written: a task for each URL at once, each waiting for its permit; the generator takes one as well. */
function spawnAsWritten(crawl: Crawl): void {
  const { permits } = crawl;
  spawn(crawl, 'crawler', async (task) => {
    const generator = spawn(crawl, 'generator', async () => {
      const permit = await permits.acquire();
      for (const url of urlsOf(crawl)) {
        spawn(crawl, url, async (page) => fetchPage(page, crawl, await permits.acquire()));
      }
      // Not before every page stands in line: as in the original, where starting threads takes no time.
      await task.step();
      permit.release();
    });
    await task.join(generator);
    await permits.idle();
  });
}

function urlsOf({ urls }: Crawl): string[] {
  return Array.from({ length: urls }, (_, index) => `page${index}`);
}

async function fetchPage(task: Task, { ms, site }: Crawl, permit: Permit): Promise<void> {
  try {
    task.say('started');
    if (site === null) await task.work(ms, task.name);
    else await task.outside(fetchSize(`${site.url}/${task.name}`), task.name);
    task.say('finished');
  } finally {
    permit.release();
  }
}

/** Spawns a task and counts it while it lives. */
function spawn(crawl: Crawl, name: string, body: (task: Task) => Promise<void>): Spawned {
  crawl.live++;
  crawl.mostLive = Math.max(crawl.mostLive, crawl.live);
  return crawl.scheduler.spawn(name, async (task) => {
    try {
      await body(task);
    } finally {
      crawl.live--;
    }
  });
}
