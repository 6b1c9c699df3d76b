/**
 * Command line: `crawl explain URL..`: the whole story of each URL from the database alone. URLs are taken as people write
 * them: not canonical, without a scheme; a line that was rejected is explained as well. One that is not there is answered
 * with the nearest that are, and exit code 2.
 */
import { toSettings } from '../config/load.ts';
import { resolveConfig } from '../config/resolve.ts';
import { HostPaces } from '../engine/host-paces.ts';
import { ConfigError } from '../model/errors.ts';
import type { Settings } from '../model/settings.ts';
import type { UrlHistory } from '../model/url-history.ts';
import { escapeControl, safeJson } from '../report/escape.ts';
import { rejectedJson, rejectedLines, storyJson, storyLines } from '../report/explain.ts';
import type { StoryContext } from '../report/explanation.ts';
import { CRAWL_DELAY_CAP_MS } from '../robots/rules.ts';
import type { StoreReader } from '../store/reader.ts';
import { HostRules } from '../url/host-rules.ts';
import { nearestUrls, spellingsOf } from '../url/nearest.ts';
import { seedUrl } from '../url/seed-url.ts';
import type { Invocation } from './command.ts';
import { databaseFile, shownPath } from './database-file.ts';
import { EXIT } from './exit-codes.ts';
import { robotsStory } from './robots-story.ts';

const MOST_SIMILAR = 3;

/** @throws {ConfigError} `ERR_USAGE` without a URL. @throws {StoreError} where the file is not a usable database. */
export async function explainCommand(invocation: Invocation): Promise<number> {
  const { words } = invocation;
  if (words.length === 0) throw new ConfigError(['which URL? crawl explain URL'], 'ERR_USAGE');
  const file = databaseFile(invocation, undefined);
  const { openReader } = await import('../store/reader.ts');
  const reader = openReader(file);
  try {
    const teller = new Teller(reader, invocation, shownPath(file, invocation.cwd));
    let unknown = 0;
    for (const word of words) {
      if (!teller.tell(word)) unknown++;
    }
    return unknown > 0 ? EXIT.usage : EXIT.finished;
  } finally {
    reader.close();
  }
}

class Teller {
  readonly #reader: StoreReader;
  readonly #terminal: Invocation['terminal'];
  readonly #database: string;
  /** Of the last run. */
  readonly #settings: Settings | null;
  /** By `run.config`. */
  readonly #known = new Map<string, Settings | null>();
  readonly #cwd: string;
  readonly #isRunning: boolean;
  readonly #isJson: boolean;
  #told = 0;

  constructor(reader: StoreReader, { terminal, flags, cwd }: Invocation, database: string) {
    this.#reader = reader;
    this.#terminal = terminal;
    this.#database = database;
    this.#isJson = flags['json'] === true;
    this.#cwd = cwd;
    const lastRun = reader.lastRun();
    this.#isRunning = lastRun?.state === 'running';
    this.#settings = lastRun === null ? null : this.#read(lastRun.config);
  }

  /** False where the file knows nothing of it. */
  tell(word: string): boolean {
    const history = this.#find(word);
    if (history !== null) {
      const context = this.#context(history);
      this.#write(this.#isJson ? [storyJson(history, context)] : storyLines(history, context));
      return true;
    }
    const rejected = this.#reader.rejected(word.trim());
    if (rejected !== null) {
      this.#write(this.#isJson ? [rejectedJson(rejected)] : rejectedLines(rejected));
      return true;
    }
    this.#tellUnknown(word);
    return false;
  }

  #find(word: string): UrlHistory | null {
    const seed = seedUrl(word);
    if (!seed.ok) return null;
    const found = this.#reader.history(seed.url);
    // Without a scheme either may be meant.
    if (found !== null || !seed.bareHost) return found;
    return this.#reader.history(seed.url.replace(/^https:/, 'http:'));
  }

  #tellUnknown(word: string): void {
    const seed = seedUrl(word);
    const similar = seed.ok ? this.#similar(seed.url, seed.host) : [];
    if (this.#isJson) {
      this.#terminal.line(safeJson({ url: seed.ok ? seed.url : word, state: 'unknown', similar }));
      return;
    }
    const what = seed.ok ? seed.url : JSON.stringify(word);
    this.#terminal.say(`crawl: ${escapeControl(what)} is not in ${this.#database}`);
    for (const url of similar) this.#terminal.say(`  nearest: ${escapeControl(url)}`);
    if (similar.length === 0 && seed.ok) this.#terminal.say(`  nor is any other URL of ${seed.host}`);
  }

  #similar(url: string, host: string): string[] {
    const spelled = spellingsOf(url).filter((spelling) => this.#reader.findUrl(spelling) !== null);
    const near = nearestUrls(url, this.#reader.urlsOfHost(host), MOST_SIMILAR);
    return [...new Set([...spelled, ...near])].slice(0, MOST_SIMILAR);
  }

  #context(history: UrlHistory): StoryContext {
    const settings = this.#settings;
    const run = this.#settingsOf(history);
    const robots = settings === null || run === null ? null : robotsStory(history.url, run, settings, this.#reader);
    return {
      database: this.#database,
      isRunning: this.#isRunning,
      retries: run?.fetch.retries ?? null,
      pace: settings === null ? null : paceOf(settings, history, robots?.answer?.crawlDelayMs ?? null),
      robots,
    };
  }

  /** The settings of the run that made the URL what it is; `null` where this version cannot read them any more. */
  #settingsOf(history: UrlHistory): Settings | null {
    const lastRun = this.#settings;
    const runs = this.#reader.decidingRuns(history).map((config) => this.#read(config));
    const [latest = lastRun] = runs;
    if (history.reason !== 'blocked-robots' || lastRun === null) return latest;
    // Of the runs that may have skipped it, the latest to which it is forbidden.
    const forbids = (run: Settings | null): boolean =>
      run !== null && robotsStory(history.url, run, lastRun, this.#reader).answer?.allowed === false;
    return runs.find(forbids) ?? latest;
  }

  #read(config: string): Settings | null {
    const known = this.#known.get(config);
    if (known !== undefined) return known;
    const settings = recordedSettings(config, this.#reader.file, this.#cwd);
    this.#known.set(config, settings);
    return settings;
  }

  #write(lines: readonly string[]): void {
    if (this.#told++ > 0 && !this.#isJson) this.#terminal.line('');
    for (const line of lines) this.#terminal.line(line);
  }
}

/** The settings of a run; `null` where this version cannot read them any more. */
function recordedSettings(config: string, file: string, cwd: string): Settings | null {
  const argv = { output: [file] };
  const resolved = resolveConfig({ argv, env: {}, cwd, previousRun: JSON.parse(config) as object });
  try {
    return toSettings(resolved).settings;
  } catch (error) {
    if (error instanceof ConfigError) return null;
    throw error;
  }
}

/** The pace that the run gave this host, which depends on the address it turned out to have. */
function paceOf(settings: Settings, { host, attempts }: UrlHistory, crawlDelayMs: number | null): StoryContext['pace'] {
  const paces = new HostPaces(settings.politeness, new HostRules(settings.politeness.hosts));
  if (settings.politeness.robots && crawlDelayMs !== null) {
    paces.raiseDelay(host.name, Math.min(crawlDelayMs, CRAWL_DELAY_CAP_MS));
  }
  const address = attempts.find((attempt) => attempt.redirects.length === 0 && attempt.address !== null)?.address;
  return paces.learn(host.name, address ?? null) ?? paces.paceOf(host.name);
}
