/**
 * What a parser thread publishes of itself in shared memory, and the gate that decides between it and the watchdog.
 *
 *   cell      written by         meaning
 *   GATE      both (exchange)    FREE · POSTING: results are on their way to the store · CONDEMNED: the thread will be ended
 *   STARTED   thread             pages begun, ever
 *   FINISHED  thread             pages whose result is made, ever
 *   POSTED    thread             pages whose result is in the store's port, ever
 *
 * Pages are worked on in the order they were sent, so three counters name them all: the main thread keeps a list of what it
 * sent, POSTED says how much of its head is gone, and a page is in work exactly if STARTED ≠ FINISHED. Counters wrap at 2^32;
 * only differences are used.
 *
 * Why the gate: the watchdog must know which results have left when it ends a thread. Without it, results posted between its
 * look at POSTED and the end would be both stored and reported as lost. Posting and condemning exclude each other by one
 * compare-and-exchange on GATE: who comes first wins, the thread waits at a closed gate until it is ended (or let through).
 *
 * No times are shared: thread clocks have different origins. The watchdog dates a page by the moment it first sees STARTED
 * at that value, which errs by one tick at most, and in the page's favour.
 */

const GATE = 0;
const STARTED = 1;
const FINISHED = 2;
const POSTED = 3;
const CELLS = 4;

const FREE = 0;
const POSTING = 1;
const CONDEMNED = 2;

export class ThreadProgress {
  readonly buffer: SharedArrayBuffer;
  readonly #cells: Int32Array;

  constructor(buffer: SharedArrayBuffer = new SharedArrayBuffer(CELLS * Int32Array.BYTES_PER_ELEMENT)) {
    this.buffer = buffer;
    this.#cells = new Int32Array(buffer);
  }

  get started(): number {
    return Atomics.load(this.#cells, STARTED);
  }

  get finished(): number {
    return Atomics.load(this.#cells, FINISHED);
  }

  get posted(): number {
    return Atomics.load(this.#cells, POSTED);
  }

  /** Thread: a page is taken up. */
  start(): void {
    Atomics.add(this.#cells, STARTED, 1);
  }

  /** Thread: its result is made. */
  finish(): void {
    Atomics.add(this.#cells, FINISHED, 1);
  }

  /** Thread: posts `count` results by `post`, unless condemned: then this does not return before it is pardoned. */
  passGate(count: number, post: () => void): void {
    while (Atomics.compareExchange(this.#cells, GATE, FREE, POSTING) !== FREE) {
      Atomics.wait(this.#cells, GATE, CONDEMNED);
    }
    post();
    Atomics.add(this.#cells, POSTED, count);
    Atomics.store(this.#cells, GATE, FREE);
  }

  /** Watchdog: no result leaves from now on. False if results are on their way: the thread is alive, look again later. */
  condemn(): boolean {
    return Atomics.compareExchange(this.#cells, GATE, FREE, CONDEMNED) === FREE;
  }

  /** Watchdog: the page turned out to be finished. */
  pardon(): void {
    Atomics.store(this.#cells, GATE, FREE);
    Atomics.notify(this.#cells, GATE);
  }
}
