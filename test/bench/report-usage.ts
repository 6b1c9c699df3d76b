/**
 * Loaded into a measured process with `--import`: at its exit it writes what the process used, all its threads together.
 * The file is named by WEIR_BENCH_USAGE. A process that is asked itself, at its very end, misses nothing; sampling from
 * outside would.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';

const file = process.env['WEIR_BENCH_USAGE'];
// Worker threads inherit `--import`; only the main thread's exit is the process's.
if (isMainThread && file !== undefined) {
  process.on('exit', () => {
    const { userCPUTime, systemCPUTime } = process.resourceUsage();
    // VmHWM, not ru_maxrss: the latter starts at the size of the process that forked this one.
    const peak = /^VmHWM:\s*(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
    const usage = { cpuSeconds: (userCPUTime + systemCPUTime) / 1e6, peakRssBytes: Number(peak) * 1024 };
    writeFileSync(file, JSON.stringify(usage));
  });
}
