/** What made a file: recorded with every run. */
import { packageVersion } from '../config/version.ts';

export function versions(): string {
  return `weir-crawl ${packageVersion()}, node ${process.versions.node}`;
}
