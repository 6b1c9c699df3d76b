/**
 * Laboratory: the lesson. In the order of the registry, for each experiment a title, what has to be understood before it,
 * and what it adds. `crawl lab` lists the titles; `docs/patterns.md` and the page of `crawl lab --report` follow the order.
 *
 * An experiment needs only what stands before it (`test/unit/lab/tour.test.ts`).
 */

export interface Step {
  /** Fits beside the name on a line of 80 characters. */
  readonly title: string;
  /** Names of experiments. */
  readonly needs: readonly string[];
  /** What a reader knows after it and did not know before. */
  readonly lesson: string;
}

export const TOUR: Readonly<Record<string, Step>> = {
  // Threads and tasks
  ticker: {
    title: 'start a task, wait for its end',
    needs: [],
    lesson: 'A task runs beside the one that started it; what has to come after it must wait for it.',
  },
  'two-tasks': {
    title: 'two tasks with names, side by side',
    needs: ['ticker'],
    lesson:
      'Two waits at the same time take as long as the longer one, and the order of ending is not that of starting.',
  },
  'simulated-downloads': {
    title: 'three downloads in the time of one',
    needs: ['two-tasks'],
    lesson: 'A download is mostly waiting, and waiting costs nobody anything: this is why crawlers are concurrent.',
  },
  'subclass-fetcher': {
    title: 'a task as an object that keeps its result',
    needs: ['two-tasks'],
    lesson: 'A task may carry its own state; the result is there once it has been waited for, and not before.',
  },
  join: {
    title: 'not waiting, waiting, letting go',
    needs: ['ticker'],
    lesson: 'Without a wait the program goes on at once; a daemon (`unref`) is even cut off when the program ends.',
  },

  // Races and locks
  race: {
    title: 'two threads, one number, lost updates',
    needs: ['two-tasks'],
    lesson: 'Adding 1 is three steps, load, add, store; whoever comes between them is forgotten. The first race.',
  },
  'two-claims': {
    title: 'does one thread at a time make it safe?',
    needs: ['race'],
    lesson:
      'One thread at a time makes single steps whole, not a read with its write: two articles disagree, the run decides.',
  },
  'lost-append': {
    title: 'a race without any second thread',
    needs: ['race'],
    lesson: 'An `await` between reading and writing is enough to lose results; a lock around both keeps them.',
  },
  counter: {
    title: 'none, a lock, an atomic step: sum and price',
    needs: ['race'],
    lesson:
      'A lock makes the three steps one, an atomic instruction is one; both give the exact sum, at different prices.',
  },
  reentrant: {
    title: 'a lock that lets its holder in again',
    needs: ['lost-append'],
    lesson:
      'A function that locks, called by one that holds the lock, would wait for itself; a reentrant lock counts instead.',
  },
  deadlock: {
    title: 'two locks in opposite order',
    needs: ['lost-append'],
    lesson: 'Each holds what the other waits for, for ever. One order for all locks, and the circle cannot close.',
  },

  // Waiting for a state
  condition: {
    title: 'wait until there is something',
    needs: ['lost-append'],
    lesson:
      'A condition gives the lock back while it waits, and tests again when it is woken: somebody else may have been faster.',
  },
  dialogue: {
    title: 'a notification that nobody heard',
    needs: ['condition'],
    lesson: 'A notification is not kept for those who wait later; only a variable that is tested before waiting is.',
  },

  // Queues and pipes
  'polling-queue': {
    title: 'looking again and again, or being told',
    needs: ['condition'],
    lesson:
      'Polling wakes up for nothing and comes late, and looking before taking is a race; a queue does both in one step.',
  },
  sentinel: {
    title: 'tell all consumers that it is over',
    needs: ['polling-queue'],
    lesson: 'A sentinel ends one consumer, the others wait for ever; closing the queue ends all of them, however many.',
  },
  'bounded-queue': {
    title: 'a queue with an end, and with a limit',
    needs: ['sentinel'],
    lesson:
      'A full queue makes its producer wait; knowing that all work is done is not the same as ending those who do it.',
  },
  pipe: {
    title: 'a pipe ends when all its writers have closed',
    needs: ['sentinel'],
    lesson: 'The end of a pipe comes when nobody can write any more: who keeps a write end open waits for himself.',
  },

  // Limits
  'back-pressure': {
    title: 'what a missing limit costs in memory',
    needs: ['bounded-queue'],
    lesson:
      'A limit costs no time, since the slowest stage sets the pace anyway; without it everything piles up before that stage.',
  },
  webcrawler: {
    title: 'generator, queue, permits: a small crawler',
    needs: ['bounded-queue'],
    lesson:
      'Permits bound the work, a bounded queue bounds those who wait for it; a crawler needs both. The whole design in small.',
  },

  // Pools and futures
  executor: {
    title: 'hand tasks to a pool, get futures back',
    needs: ['simulated-downloads'],
    lesson: 'A pool keeps its workers for many tasks; a future stands for a result that is not there yet.',
  },
  callbacks: {
    title: 'be called when a result is there',
    needs: ['executor'],
    lesson: 'A callback is called once, also when it comes late; one that throws must not harm the others.',
  },
  order: {
    title: 'results as asked for, as ready, or the first',
    needs: ['executor'],
    lesson: 'The same tasks, four ways to wait: in order, as they end, lazily with a bound, or only for the first.',
  },
  starmap: {
    title: 'tasks with several arguments, lines in order',
    needs: ['order'],
    lesson: 'A mapping keeps the order of its inputs, although the tasks end in another one.',
  },
  'pool-map': {
    title: 'a mapping over workers that are real threads',
    needs: ['order'],
    lesson: 'The same call computes on several threads; which worker did which item does not show in the results.',
  },
  'simulate-io': {
    title: 'ten waits, four workers, three waves',
    needs: ['executor'],
    lesson: 'Where tasks only wait, threads and processes take the same time: only the number of workers counts.',
  },
  pools: {
    title: 'one program on four kinds of pools',
    needs: ['pool-map', 'simulate-io'],
    lesson:
      'One interface over inline, async, threads and processes: the choice is a word, and errors and closing are the same.',
  },
  'parser-pool': {
    title: 'a pool whose threads come and go',
    needs: ['pool-map'],
    lesson: 'Threads are started when work waits and ended when there is none: the number follows the load.',
  },
  unobserved: {
    title: 'an error that nobody asked for',
    needs: ['executor'],
    lesson: 'An exception in a future that nobody reads is gone; where every end is a value, none can be.',
  },

  // Processes and shared memory
  fork: {
    title: 'a parent, a child, an exit status',
    needs: ['ticker'],
    lesson:
      'A process has a parent that collects its status; it is the same program started again, not a copy of a running one.',
  },
  processes: {
    title: 'four processes side by side',
    needs: ['fork'],
    lesson: 'Each process has its own interpreter, and the operating system sees them all: four pids.',
  },
  'isolated-memory': {
    title: 'what is handed over is a copy',
    needs: ['fork', 'race'],
    lesson: 'Processes and threads get copies, so there is nothing to race for, unless memory is shared on purpose.',
  },
  'shared-memory': {
    title: 'a number, an array, a map that all can change',
    needs: ['isolated-memory'],
    lesson: 'Numbers can be shared as memory; a map has to live with one owner that the others ask.',
  },
  'process-queue': {
    title: 'a queue from process to process',
    needs: ['processes', 'sentinel'],
    lesson: 'The queue lives with the parent and messages lead to it; bound and end work as within one process.',
  },
  'shared-map': {
    title: 'one map, filled by five processes',
    needs: ['processes', 'shared-memory'],
    lesson: 'The owner takes one message after the other, so no lock is needed and no value is lost.',
  },

  // Cores and costs
  'one-thread': {
    title: 'what a busy main thread holds up',
    needs: ['simulated-downloads'],
    lesson:
      'Sockets run beside the thread, their callbacks on it: computing on it stalls all of them, computing on another none.',
  },
  overlap: {
    title: 'concurrent is not parallel: two numbers',
    needs: ['one-thread'],
    lesson:
      'How many are under way and how many compute at this very moment are two questions; waiting answers only the first.',
  },
  'io-vs-cpu': {
    title: 'what waits, what computes: one thread or many',
    needs: ['overlap'],
    lesson: 'Waiting belongs on one thread, computing on one thread a core. The engine is built along this line.',
  },
  'spawn-cost': {
    title: 'what a thread costs, what a process',
    needs: ['processes', 'overlap'],
    lesson:
      'A thread starts sooner and takes a fraction of the memory; a process is worth that only for its isolation.',
  },
  'cpu-wall': {
    title: 'four loops: one thread, threads, processes',
    needs: ['overlap'],
    lesson: 'Threads here are parallel, unlike under an interpreter lock: they gain on computing as processes do.',
  },
  fibonacci: {
    title: 'tasks of unequal length on a pool',
    needs: ['cpu-wall', 'pools'],
    lesson: 'The longest task bounds the gain: what cannot be divided is waited for.',
  },
  primes: {
    title: 'how large a portion to hand over',
    needs: ['cpu-wall', 'pool-map'],
    lesson: 'Handing over costs more than testing one number; portions decide whether threads pay at all.',
  },
  'which-pool': {
    title: 'measure a few tasks, choose the pool',
    needs: ['io-vs-cpu', 'pools'],
    lesson: 'The share of time that a task computes tells which pool it belongs on; a few runs are enough to know.',
  },

  // The engine
  'seq-vs-conc': {
    title: 'the engine with 1, 5 and 20 fetchers',
    needs: ['webcrawler', 'io-vs-cpu'],
    lesson: 'The small crawler grown up: the real engine against a real site, as fast as its permits allow.',
  },
  'one-fetcher-many': {
    title: 'the demo site with one fetcher, and with eight',
    needs: ['seq-vs-conc'],
    lesson: 'Pages take as long as before, only several at a time; never more in flight than permits.',
  },
  'queue-sizes': {
    title: 'how many places the queue needs',
    needs: ['seq-vs-conc', 'back-pressure'],
    lesson:
      'One place starves the fetchers, a few are enough, more only hold memory: a bound is chosen, not maximised.',
  },
  'parse-threads': {
    title: 'parsing on the main thread, and beside it',
    needs: ['seq-vs-conc', 'one-thread', 'parser-pool'],
    lesson:
      'What computes must leave the thread that waits for the network: the last stage of the pipeline has its own.',
  },
};
