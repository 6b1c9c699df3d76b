/**
 * Laboratory: every item that five articles on concurrency in Python have, in our words, and where it is shown. An item is shown
 * by the experiments that name its row, and by what stands here beside them: commands, the library, the documents, each
 * with the test that holds it. `docs/patterns.md` is written from this list; no row may be without either.
 *
 * A long file because it is a list. Rows: C are the system as a whole, 0 to 4 the articles.
 */

/** Something other than an experiment that shows an item. */
export interface Shown {
  /** What to type, or to read. */
  readonly what: string;
  /** What is to be seen. */
  readonly result: string;
  /** The test that holds it: a file, and the words that its name contains. */
  readonly test: readonly [file: string, name: string];
}

export interface Row {
  readonly row: string;
  readonly item: string;
  /** Names that a reader of Python looks for. */
  readonly names?: readonly string[];
  /** Flags with which an experiment shows this row alone. */
  readonly flags?: Readonly<Record<string, string>>;
  readonly shown?: readonly Shown[];
}

/** Headings of the parts, by what their rows begin with. */
export const PARTS: readonly (readonly [string, string])[] = [
  ['C', 'The system as a whole'],
  ['0.', 'Concurrency in Python, an introduction'],
  ['1.', 'Threading against multiprocessing'],
  ['2.', 'Threads, processes and their primitives'],
  ['3.', 'Threads with care'],
  ['4.', 'Races, queues, pools and pipes in practice'],
];

const BOUNDS = 'test/integration/bounds.test.ts';
const RUN = 'test/cli/run.test.ts';
const LIBRARY = 'test/integration/library.test.ts';
const EXPORT = 'test/cli/export.test.ts';
const CONFIG = 'test/cli/config.test.ts';
const PATTERNS = 'test/cli/patterns.test.ts';
const NAMES = 'test/unit/docs/concurrency.test.ts';
const TABLES = 'test/unit/docs/patterns.test.ts';

export const CHECKLIST: readonly Row[] = [
  {
    row: 'C1',
    item: 'A generator of URLs feeds a bounded queue',
    names: ['queue.Queue', 'maxsize'],
    shown: [
      {
        what: "`crawl --urls list.txt`, then `crawl query 'SELECT * FROM stage_stat'`",
        result: 'each queue of the run, second by second, never above its capacity',
        test: [
          PATTERNS,
          'no queue of a run was ever longer than its capacity, and no more is in flight than -c allows',
        ],
      },
    ],
  },
  {
    row: 'C2',
    item: 'A pool of fetchers, limited by a semaphore',
    names: ['threading.Semaphore', 'BoundedSemaphore'],
    shown: [
      {
        what: '`crawl -c N --per-host N`',
        result: 'in flight at most N, and N reached, as the server counts',
        test: [BOUNDS, '-c $concurrency --per-host $perHost is never passed, and is reached'],
      },
    ],
  },
  {
    row: 'C3',
    item: 'Parsing, which costs CPU, in worker threads',
    shown: [
      {
        what: '`crawl --parsers N`',
        result: 'every page reaches the store once, over several threads',
        test: ['test/unit/parse/pool.test.ts', 'brings every page to the store exactly once, over several threads'],
      },
    ],
  },
  {
    row: 'C4',
    item: 'A writer puts sizes and contents into SQLite',
    shown: [
      {
        what: "`crawl query 'SELECT url, bytes, status, sha256 FROM pages'`, `crawl verify`",
        result: 'one row a URL, every body has the digest that stands beside it',
        test: [
          'test/integration/signals.test.ts',
          'leaves what the same command finishes: one page for each URL of the list, with its digest',
        ],
      },
    ],
  },
  {
    row: 'C5',
    item: 'A clean end: what was accepted is finished, nothing is left over',
    shown: [
      {
        what: 'Ctrl-C during `crawl --urls list.txt`',
        result: 'what is in flight ends and is saved, exit 130, the books balance',
        test: ['test/integration/signals.test.ts', '%s lets what is in flight finish, saves it and exits with %i'],
      },
    ],
  },
  {
    row: 'C6',
    item: 'A list of URLs on the command line',
    shown: [
      {
        what: '`crawl --urls list.txt`',
        result: 'lines for start, end and error of each URL, summary, total time',
        test: [RUN, 'a small list: a line per URL, sizes of what was fetched, total time last, one database'],
      },
    ],
  },
  {
    row: 'C7',
    item: 'A run from a config file',
    shown: [
      {
        what: '`crawl --config crawl.yaml`, `crawl config show --origin`',
        result: 'flag before environment before file before default, each value with its origin',
        test: [CONFIG, 'show --origin says where each value comes from, with secrets hidden'],
      },
    ],
  },
  {
    row: 'C8',
    item: 'Look into what was stored',
    shown: [
      {
        what: '`crawl inspect --largest 10 --errors --hosts`, `crawl cat URL`, `crawl query`, `crawl explain URL`',
        result: 'tables, bodies and answers of one file, which sqlite3 reads as well',
        test: [RUN, 'inspect, cat and query read what was stored'],
      },
    ],
  },

  {
    row: '0.1',
    item: 'One thread runs code at a time, and lets go of it while it waits for input or output',
    names: ['GIL'],
  },
  { row: '0.2', item: 'Work that waits and work that computes need different tools' },
  {
    row: '0.3',
    item: 'A downloader with a thread for each of five URLs, results gathered under a lock, one bad URL among them',
    names: ['threading.Thread', 'start', 'join', 'Lock'],
    shown: [
      {
        what: '`crawl --urls data/urls.txt -c 5`',
        result: 'the same lines, interleaved; a bad URL stops no other; sizes of successes, then the total time',
        test: [PATTERNS, 'five at a time: lines interleave, a bad URL stops no other, the summary has the sizes'],
      },
    ],
  },
  { row: '0.4', item: 'Much faster than one after the other' },
  { row: '0.5', item: 'Why results that several write need a lock', names: ['Lock'] },
  {
    row: '0.6',
    item: 'The words: process, queue, pipe, pool, and what stands for each',
    names: ['multiprocessing', 'Process', 'Queue', 'Pipe', 'Pool'],
    shown: [
      {
        what: '[concurrency.md](concurrency.md)',
        result: 'every name has a counterpart that `weir-crawl/concurrency` exports',
        test: [NAMES, 'names only what is exported'],
      },
    ],
  },
  {
    row: '0.7',
    item: 'Test random numbers for being prime, on a pool of processes',
    names: ['Pool.map'],
    flags: { primes: '--workers 4' },
  },
  {
    row: '0.8',
    item: 'Hand numbers over in portions rather than one by one',
    names: ['chunksize'],
    flags: { primes: '--chunk 1,100,25000' },
  },
  { row: '0.9', item: 'Close a pool, and wait until its workers are gone', names: ['Pool.close', 'Pool.join'] },
  {
    row: '0.10',
    item: 'A module that is imported does not start to run',
    names: ['__main__'],
    shown: [
      {
        what: 'any file of `src/lab/`',
        result: 'importing it declares, and does no work',
        test: ['test/unit/lab/registry.test.ts', 'does no work when imported'],
      },
    ],
  },
  {
    row: '0.11',
    item: 'Download by a mapping over a pool of threads: results in the order of the inputs, a failure among them',
    names: ['ThreadPool', 'ThreadPool.map'],
    shown: [
      {
        what: "`crawl({ urls, order: 'input', concurrency: 4 })` of the library",
        result: 'outcome i belongs to URL i, however long each page takes; a failure is an outcome of its own kind',
        test: [LIBRARY, "order 'input' yields in the order given, however long each page takes"],
      },
    ],
  },
  {
    row: '0.12',
    item: 'A table: which kind of pool for which kind of work',
    shown: [
      {
        what: '[Which one to use](#which-one-to-use)',
        result: 'a row for each kind of work, each with the experiment that measures it',
        test: [TABLES, 'says for each kind of work what to use, and what measures it'],
      },
    ],
  },
  {
    row: '0.13',
    item: 'One interface over all kinds of pools, and the asynchronous way beside it',
    names: ['concurrent.futures', 'Executor', 'asyncio'],
  },
  {
    row: '0.14',
    item: 'The claim that one interpreter lock makes races impossible, and the claim that it does not',
    names: ['GIL'],
  },

  { row: '1.1', item: 'Concurrency is not parallelism' },
  { row: '1.2', item: 'A thread counts to five; the program waits for it', names: ['Thread.start', 'Thread.join'] },
  { row: '1.3', item: 'Three downloads, played by waiting two seconds each', names: ['time.sleep'] },
  { row: '1.4', item: 'Threads are lighter than processes' },
  { row: '1.5', item: 'Threads that share data race for it' },
  { row: '1.6', item: 'Threads that lock in different orders wait for each other for ever' },
  { row: '1.7', item: 'Processes have a memory and an interpreter of their own' },

  {
    row: '2.1',
    item: 'A table: threads against processes',
    shown: [
      {
        what: '[Threads or processes](#threads-or-processes)',
        result: 'memory, start, waiting, computing, each with its figures and the experiment that measured them',
        test: [TABLES, 'compares threads and processes by figures'],
      },
    ],
  },
  { row: '2.2', item: 'Two threads, two delays', names: ['threading.Thread'] },
  { row: '2.3', item: 'A subclass of a thread that has a name', names: ['Thread.run', 'Thread.name', 'super'] },
  {
    row: '2.4',
    item: 'A lock makes five threads count to exactly 500,000',
    names: ['threading.Lock', 'acquire', 'release'],
  },
  { row: '2.5', item: 'A lock that its holder may take again', names: ['threading.RLock'] },
  {
    row: '2.6',
    item: 'A condition: consumers wait for stock, a producer notifies them',
    names: ['threading.Condition', 'wait', 'notify', 'notify_all', 'wait_for'],
  },
  {
    row: '2.7',
    item: 'A queue, three consumers, one sentinel: it hangs as it was written',
    names: ['queue.Queue', 'put', 'get', 'None'],
  },
  {
    row: '2.8',
    item: 'Submit tasks to a pool of threads, and to one of processes',
    names: ['ThreadPoolExecutor', 'ProcessPoolExecutor', 'submit', 'result'],
  },
  { row: '2.9', item: 'Be called when a future has its result', names: ['Future.add_done_callback'] },
  { row: '2.10', item: 'Four processes', names: ['multiprocessing.Process'] },
  {
    row: '2.11',
    item: 'A pool of processes maps a function, and takes a single call',
    names: ['Pool.map', 'Pool.apply_async', 'AsyncResult.get'],
  },
  {
    row: '2.12',
    item: 'A number, an array, a dictionary and a list that processes share',
    names: ['multiprocessing.Value', 'multiprocessing.Array', 'multiprocessing.Manager'],
  },
  { row: '2.13', item: 'A queue between processes', names: ['multiprocessing.Queue'] },
  { row: '2.14', item: 'The same computation four times, on threads and on processes', names: ['GIL'] },
  {
    row: '2.15',
    item: 'When to use what; for many URLs, asynchronous requests',
    names: ['asyncio', 'aiohttp'],
    shown: [
      {
        what: '[Which one to use](#which-one-to-use)',
        result: 'asynchronous requests on one thread, parsing on others: what the engine does',
        test: [TABLES, 'says for each kind of work what to use, and what measures it'],
      },
    ],
  },

  {
    row: '3.1',
    item: 'What threads are good for: whatever is held up by one scarce resource',
    shown: [
      {
        what: 'the line `Bounded by` at the end of a run',
        result: 'names the resource that held the run up, and what to turn',
        test: ['test/unit/engine/meter.test.ts', 'names the resource that holds a run up'],
      },
    ],
  },
  {
    row: '3.2',
    item: 'The interpreter lock belongs to one implementation, not to the language',
    names: ['GIL', 'CPython', 'Jython', 'IronPython'],
    shown: [
      {
        what: '[One lock an interpreter](concurrency.md#one-lock-an-interpreter)',
        result: 'isolates, not the language: the same in Node, Deno and Bun',
        test: [NAMES, 'says whose property the lock is'],
      },
    ],
  },
  {
    row: '3.3',
    item: 'A list of names and URLs, a pool of ten, a file NAME.html for each',
    names: ['ThreadPoolExecutor', 'max_workers', 'submit'],
    shown: [
      {
        what: "`crawl -i data/pages.csv --url-column url -c 10`, then `crawl export files --name '{name}.html' -o pages/`",
        result: 'google.html and the others, byte for byte as the server sent them',
        test: [EXPORT, 'a list with names: one file each, bytes identical to what the server sent'],
      },
    ],
  },
  {
    row: '3.4',
    item: 'The same in one line, as a mapping',
    names: ['Pool.map'],
    shown: [
      {
        what: '`crawl --urls list.txt`, then `crawl export files -o pages/`',
        result: 'a file for each page, all of them accounted for',
        test: [EXPORT, 'every page is accounted for: names taken, missing or dangerous, pages that failed'],
      },
      {
        what: '`for await (const page of crawl({ urls })) …` of the library',
        result: 'every page, fetched and failed alike',
        test: [LIBRARY, 'three lines give every page, fetched and failed alike'],
      },
    ],
  },
  {
    row: '3.5',
    item: 'A pool whose number of workers follows the load',
  },
  {
    row: '3.6',
    item: 'Futures that nobody waits for: their errors vanish, and nothing is closed',
    names: ['Future.exception'],
    shown: [
      {
        what: '`crawl --fail-on-error`',
        result: 'a URL that fails is a row of `errors`, and the exit code is 3',
        test: [RUN, '-q is silent, --fail-on-error makes one failure exit 3, and so does a file where all failed'],
      },
    ],
  },

  { row: '4.1', item: 'Add and subtract a million times without a lock', names: ['threading'] },
  {
    row: '4.2',
    item: 'The three instructions that adding 1 consists of',
    names: ['dis'],
    flags: { race: '--explain' },
  },
  {
    row: '4.3',
    item: 'Start without waiting, waiting, and daemon threads',
    names: ['join', 'daemon'],
    flags: { join: '--mode all' },
  },
  { row: '4.4', item: 'Two fetchers, objects of a subclass', names: ['Thread.run', 'super'] },
  { row: '4.5', item: 'A list as a queue, looked at ten times a second', names: ['pop', 'time.sleep'] },
  {
    row: '4.6',
    item: 'A queue with a limit, one producer, three consumers: all done, and it never exits',
    names: ['maxsize', 'task_done', 'Queue.join'],
  },
  { row: '4.7', item: 'What a lock costs, and how locks go wrong', names: ['Lock', 'with'] },
  { row: '4.8', item: 'A function that locks, called under the same lock', names: ['RLock'] },
  {
    row: '4.9',
    item: 'A dialogue over a condition: the first notification is lost, and both hang',
    names: ['Condition', 'notify', 'wait'],
  },
  {
    row: '4.10',
    item: 'A crawler of a generator, threads and a semaphore of three',
    names: ['Semaphore', 'acquire', 'release'],
  },
  {
    row: '4.11',
    item: 'Futures read in the order of submitting',
    names: ['submit', 'result'],
    flags: { order: '--mode submit' },
  },
  { row: '4.12', item: 'Futures read as they end', names: ['as_completed'], flags: { order: '--mode completed' } },
  { row: '4.13', item: 'A mapping over a pool, in order', names: ['Executor.map'], flags: { order: '--mode map' } },
  {
    row: '4.14',
    item: 'Wait for the first future, then for the others',
    names: ['wait', 'FIRST_COMPLETED', 'FIRST_EXCEPTION', 'ALL_COMPLETED'],
    flags: { order: '--mode first' },
  },
  { row: '4.15', item: 'Fibonacci numbers by recursion, on threads and on processes', names: ['ProcessPoolExecutor'] },
  { row: '4.16', item: 'Ten waits on four workers, threads and processes', names: ['ThreadPoolExecutor'] },
  {
    row: '4.17',
    item: 'A process forks, and waits for its child',
    names: ['os.fork', 'os.waitpid', 'getpid', 'getppid'],
  },
  { row: '4.18', item: 'A pool maps a function of two arguments', names: ['Pool.starmap'] },
  { row: '4.19', item: 'A queue between processes, ended by a sentinel', names: ['multiprocessing.Queue'] },
  { row: '4.20', item: 'A pipe read until its end, which never comes', names: ['Pipe', 'send', 'recv', 'EOFError'] },
  { row: '4.21', item: 'Five processes fill one dictionary', names: ['Manager', 'Manager.dict'] },
];
