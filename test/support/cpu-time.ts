/** What work costs a processor: unlike time on the clock the same on a busy machine. */

/** Processor time of this thread, ms. */
export function cpuTimeOf(work: () => void): number {
  const before = process.threadCpuUsage();
  work();
  const { user, system } = process.threadCpuUsage(before);
  return (user + system) / 1_000;
}
