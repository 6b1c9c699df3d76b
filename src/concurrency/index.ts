/**
 * `weir-crawl/concurrency`: the parts that the engine is made of and that the laboratory takes apart, for use on their own.
 *
 *   within one thread       Mutex, ReentrantMutex, Condition, Semaphore, Barrier, BoundedQueue, Channel, ByteBudget
 *   results of work         Future, asCompleted, waitFor, orderedMap
 *   somebody to do it       openPool: TaskPool of kind inline, async, threads or processes
 *   across threads          SharedCounter, SharedMutex, SharedCondition, SharedSemaphore, SharedMap,
 *                           SharedQueue
 */
export type { Clock, Timer } from '../model/clock.ts';
export { ManualClock, systemClock } from '../model/clock.ts';
export { CancelledError, CrawlError, type CrawlErrorCode } from '../model/errors.ts';
export type { Gauge } from '../model/gauge.ts';
export { asCompleted } from './as-completed.ts';
export { Barrier, type BarrierOptions } from './barrier.ts';
export { BoundedQueue, type BoundedQueueOptions } from './bounded-queue.ts';
export { ByteBudget, type ByteBudgetOptions, type Reservation } from './byte-budget.ts';
export { Channel, type ChannelOptions, type ReadEnd, type WriteEnd } from './channel.ts';
export { Condition, type ConditionOptions } from './condition.ts';
export { FetchPermits, type FetchPermitsOptions } from './fetch-permits.ts';
export { Future, type FutureState, type FutureWait, type Resolver } from './future.ts';
export { Mutex, type Lock, type MutexOptions } from './mutex.ts';
export { orderedMap, type OrderedMapOptions } from './ordered-map.ts';
export type { Permit, Permits } from './permits.ts';
export { openPool, type OpenPoolOptions } from './pools/open-pool.ts';
export type { MapOptions, PoolKind, TaskArguments, TaskName, TaskPool, TaskResult } from './pools/task-pool.ts';
export { ReentrantMutex } from './reentrant-mutex.ts';
export { Semaphore, type SemaphoreOptions } from './semaphore.ts';
export { portEndpoint, processEndpoint, type Endpoint } from './threads/endpoint.ts';
export { SharedCondition } from './threads/shared-condition.ts';
export { SharedCounter } from './threads/shared-counter.ts';
export { SharedMap, SharedMapClient } from './threads/shared-map.ts';
export { SharedMutex } from './threads/shared-mutex.ts';
export { SharedQueue, SharedQueueClient } from './threads/shared-queue.ts';
export { SharedSemaphore } from './threads/shared-semaphore.ts';
export { sharedCells } from './threads/shared-wait.ts';
export type { Traced, Tracer } from './tracer.ts';
export { waitFor, type DoneAndPending, type WaitForOptions } from './wait-for.ts';
