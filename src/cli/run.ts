/** Command line: `crawl [run] [URL..]`. */
import type { Invocation } from './command.ts';
import { crawlAndReport } from './crawl-session.ts';
import { runSettings } from './run-settings.ts';
import { refuseOtherThanUrls } from './words.ts';

/** Loads the settings, crawls, reports. @throws {ConfigError} before anything runs. @throws {StoreError} */
export async function runCommand(invocation: Invocation): Promise<number> {
  refuseOtherThanUrls(invocation.words, invocation.cwd);
  const settings = await runSettings(invocation);
  return await crawlAndReport(invocation, settings);
}
