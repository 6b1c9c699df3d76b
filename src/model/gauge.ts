/** What every arrow of the pipeline shows of itself: how full it is, how full it was, and who waited for whom. */
export interface Gauge {
  readonly capacity: number;
  readonly length: number;
  /** The largest `length` so far. */
  readonly highWater: number;
  /** Items that have passed through. */
  readonly passed: number;
  /** Times a producer had to wait because it was full, and for how long in all (ms). */
  readonly producerWaits: number;
  readonly producerWaitMs: number;
  /** Times a consumer had to wait because it was empty, and for how long in all (ms). */
  readonly consumerWaits: number;
  readonly consumerWaitMs: number;
}
