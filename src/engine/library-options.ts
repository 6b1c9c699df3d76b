/**
 * The library's options: the flags of the command line in camel case, with the same checks and the same messages. Numbers
 * stand for milliseconds and bytes; texts such as '30s' and '10MB' are taken as well.
 */
import { keyOf, SETTINGS } from '../config/options.ts';
import { loadSettings } from '../config/load.ts';
import { ConfigError } from '../model/errors.ts';
import type { Settings } from '../model/settings.ts';
import { checkSelector } from '../parse/check-selector.ts';

export interface CrawlOptions {
  /** URLs: one, or any iterable of them, sync or async. Bare hosts mean https://. */
  readonly urls?: string | Iterable<string> | AsyncIterable<string> | undefined;
  /** URL lists on disk, as `--urls`. */
  readonly lists?: readonly string[] | undefined;
  readonly urlColumn?: string | number | undefined;
  /** As `--url-pattern`. */
  readonly urlPattern?: readonly string[] | undefined;
  /** Database file. Default: a temporary file, removed when the iteration ends. */
  readonly output?: string | undefined;
  readonly add?: boolean | undefined;
  readonly fresh?: boolean | undefined;
  readonly force?: boolean | undefined;
  /**
   * 'completed' (default): as they finish. 'input': in the order of `urls`, for which those are kept in memory; not with
   * `lists` or `urlPattern`. What an earlier run of the same file left comes as it finishes.
   */
  readonly order?: 'completed' | 'input' | undefined;
  /** Aborts the crawl: the iteration throws `CancelledError`, the file stays resumable. */
  readonly signal?: AbortSignal | undefined;
  readonly concurrency?: number | 'auto' | undefined;
  readonly timeout?: number | string | undefined;
  readonly deadline?: number | string | undefined;
  readonly retries?: number | undefined;
  readonly maxSize?: number | string | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Headers of single origins, as `fetch.origin-headers` of a config file. */
  readonly originHeaders?: Readonly<Record<string, Readonly<Record<string, string>>>> | undefined;
  readonly userAgent?: string | undefined;
  /** Keep the cookies of servers for the length of the crawl; default true. */
  readonly cookies?: boolean | undefined;
  /** http://, https:// or socks5:// proxy for all requests. */
  readonly proxy?: string | undefined;
  readonly insecure?: boolean | undefined;
  readonly http1?: boolean | undefined;
  readonly perHost?: number | undefined;
  readonly delay?: number | string | undefined;
  /** Starts per second and host. */
  readonly rate?: number | undefined;
  /** Default true: robots.txt is obeyed. */
  readonly robots?: boolean | undefined;
  /** As `politeness.jitter` of a config file. */
  readonly jitter?: number | undefined;
  /** Settings of single hosts, as `politeness.hosts` of a config file. */
  readonly hosts?: Readonly<Record<string, unknown>> | undefined;
  readonly parse?: 'full' | 'links' | 'none' | undefined;
  readonly parsers?: number | undefined;
  readonly links?: 'all' | 'internal' | 'none' | undefined;
  readonly text?: boolean | undefined;
  /** As the `extract:` section of a config file. */
  readonly extract?: Readonly<Record<string, unknown>> | undefined;
  readonly bodies?: 'packed' | 'plain' | 'none' | undefined;
  readonly durable?: boolean | undefined;
  /** Bytes, or as `200MB`: the run pauses while less is free on the disk. Default 0: a full disk is an exception. */
  readonly minFree?: number | string | undefined;
  readonly maxPages?: number | undefined;
  readonly maxBytes?: number | string | undefined;
  readonly maxTime?: number | string | undefined;
  readonly queueSize?: number | undefined;
  readonly strict?: boolean | undefined;
}

/** Handled by the library itself, not by the settings. */
const OWN = new Set(['urls', 'order', 'signal', 'output']);
const RENAMED: Readonly<Record<string, string>> = { lists: 'urls', headers: 'header' };

/** @throws {ConfigError} all problems at once, unknown options among them. */
export function librarySettings(options: CrawlOptions, output: string): { settings: Settings; configJson: string } {
  // No floor by default: a library has no screen to say why it pauses.
  const flags: Record<string, string[]> = { output: [output], set: ['storage.min-free=0'] };
  const problems = orderProblems(options);
  for (const [name, value] of Object.entries(options)) {
    if (OWN.has(name) || value === undefined) continue;
    const flag = RENAMED[name] ?? name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    const setting = [...SETTINGS.values()].find((candidate) => (candidate.flag ?? keyOf(candidate)) === flag);
    if (setting === undefined) problems.push(`unknown option "${name}" (crawl options)`);
    else if (setting.flag !== null) flags[flag] = texts(value, setting.kind);
    else (flags['set'] ??= []).push(...texts(value, setting.kind).map((text) => `${setting.path}=${text}`));
  }
  try {
    // The library neither reads the environment nor looks for files: what it does is what it was told.
    const { settings, configJson } = loadSettings({ argv: flags, env: {}, cwd: process.cwd(), checkSelector });
    if (problems.length === 0) return { settings, configJson };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw new ConfigError([...problems, ...error.problems]);
  }
  throw new ConfigError(problems);
}

/** Lists and patterns may be of any length: their lines are not kept in memory to wait for their turn. */
function orderProblems({ order, lists, urlPattern }: CrawlOptions): string[] {
  const known = order === undefined || order === 'completed' || order === 'input';
  if (!known) return [`order must be 'completed' or 'input', got ${JSON.stringify(order)}`];
  if (order !== 'input') return [];
  return Object.entries({ lists, urlPattern })
    .filter(([, value]) => value !== undefined && value.length > 0)
    .map(
      ([name]) => `order 'input' is for urls and cannot be used with ${name}: leave it out, or pass the lines as urls`,
    );
}

function texts(value: unknown, kind: string): string[] {
  if (typeof value === 'number' && kind === 'duration') return [`${value}ms`];
  if (typeof value === 'number' && kind === 'size') return [`${value}B`];
  if (Array.isArray(value)) return value.map(String);
  if (typeof value === 'object' && value !== null) return [JSON.stringify(value)];
  return [String(value)];
}
