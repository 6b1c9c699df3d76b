/** Memory in use by this process, bytes; 0 where the system cannot tell now (Linux reads a file for it: EMFILE). */
export function residentBytes(): number {
  try {
    return process.memoryUsage.rss();
  } catch {
    return 0;
  }
}
