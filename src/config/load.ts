/**
 * Config: the effective settings of a run. In: a request as for `resolveConfig`. Out: `Settings` for the engine, what the
 * command line itself needs (display, exit code), the origin of every value, and the settings as they are recorded.
 * Invariant: nothing is fetched and no file is made before everything here has been found right.
 */
import { ConfigError } from '../model/errors.ts';
import type { ExtractDataset } from '../model/extract-rule.ts';
import type { Settings } from '../model/settings.ts';
import { redactHeaders, redactUrl } from '../url/redact.ts';
import type { ExtractSetting } from './extract.ts';
import type { HostsSetting } from './host-rules.ts';
import { SETTINGS } from './options.ts';
import { redactOriginHeaders, type OriginHeaders } from './origin-headers.ts';
import { REDACTED } from './redact.ts';
import { defaultOutput } from './output-name.ts';
import {
  assertValid,
  resolveConfig,
  type ConfigRequest,
  type Origin,
  type ResolvedConfig,
  type SelectorCheck,
} from './resolve.ts';
import { type Headers, type Value, writeValue } from './values.ts';
import { packageVersion } from './version.ts';

/** How the command line shows a run; the engine does not know of it. */
export interface DisplaySettings {
  readonly progress: 'auto' | 'plain' | 'none';
  readonly json: boolean;
  readonly quiet: boolean;
  readonly verbose: boolean;
}

export interface LoadedSettings {
  readonly settings: Settings;
  readonly display: DisplaySettings;
  readonly failOnError: boolean;
  /** By path, as `fetch.timeout`. */
  readonly origins: ReadonlyMap<string, Origin>;
  /** Effective settings as JSON in the form of a config file, secrets redacted: recorded in the `run` table. */
  readonly configJson: string;
}

/** Reads, checks and merges everything. @throws {ConfigError} `ERR_CONFIG` with all problems, `ERR_USAGE` with nothing to crawl */
export function loadSettings(
  request: ConfigRequest & { readonly checkSelector?: SelectorCheck | undefined },
): LoadedSettings {
  const resolved = resolveConfig(request);
  assertValid(resolved, request.checkSelector);
  return toSettings(resolved);
}

/** The second half of `loadSettings`, for a configuration that has been found valid. @throws {ConfigError} `ERR_USAGE` */
export function toSettings(resolved: ResolvedConfig): LoadedSettings {
  const read = new Reader(resolved.values);
  const output = read.textOrNull('storage.output') ?? impliedOutput(resolved);
  if (output === null) throw new ConfigError([NOTHING_TO_CRAWL], 'ERR_USAGE');
  const settings: Settings = {
    input: {
      urls: read.list('input.urls'),
      seeds: resolved.seeds,
      urlPattern: read.list('input.url-pattern'),
      urlColumn: read.columnOrNull('input.url-column'),
      add: read.boolean('input.add'),
      strict: read.boolean('input.strict'),
    },
    fetch: {
      concurrency: read.value('fetch.concurrency') === 'auto' ? 'auto' : read.number('fetch.concurrency'),
      timeoutMs: read.number('fetch.timeout'),
      deadlineMs: read.number('fetch.deadline'),
      retries: read.number('fetch.retries'),
      maxSize: read.number('fetch.max-size'),
      headers: (read.value('fetch.headers') ?? {}) as Headers,
      originHeaders: (read.value('fetch.origin-headers') ?? {}) as OriginHeaders,
      // However it was given: robots.txt is read for the name that the server is told.
      userAgent:
        userAgentIn((read.value('fetch.headers') ?? {}) as Headers) ??
        read.textOrNull('fetch.user-agent') ??
        `weir-crawl/${packageVersion()}`,
      cookies: read.boolean('fetch.cookies'),
      proxy: read.textOrNull('fetch.proxy'),
      insecure: read.boolean('fetch.insecure'),
      http1: read.boolean('fetch.http1'),
    },
    politeness: {
      robots: read.boolean('politeness.robots'),
      perHost: read.numberOrNull('politeness.per-host'),
      delayMs: read.numberOrNull('politeness.delay'),
      rate: read.numberOrNull('politeness.rate'),
      jitter: read.number('politeness.jitter'),
      hosts: (read.value('politeness.hosts') ?? {}) as HostsSetting,
      allowPrivate: read.boolean('politeness.allow-private'),
    },
    parse: {
      mode: read.word('parse.parse', ['full', 'links', 'none']),
      parsers: read.numberOrNull('parse.parsers'),
      links: read.word('parse.links', ['all', 'internal', 'none']),
      text: read.boolean('parse.text'),
      extract: datasets(read.value('extract')),
    },
    storage: {
      output,
      bodies: read.word('storage.bodies', ['packed', 'plain', 'none']),
      durable: read.boolean('storage.durable'),
      minFree: read.number('storage.min-free'),
      fresh: read.boolean('storage.fresh'),
      force: read.boolean('storage.force'),
    },
    limits: {
      maxPages: read.numberOrNull('limits.max-pages'),
      maxBytes: read.numberOrNull('limits.max-bytes'),
      maxTimeMs: read.numberOrNull('limits.max-time'),
    },
    pipeline: {
      queueSize: read.number('pipeline.queue-size'),
      pageQueue: read.number('pipeline.page-queue'),
      bytesInFlight: read.number('pipeline.bytes-in-flight'),
    },
  };
  const display: DisplaySettings = {
    progress: read.word('display.progress', ['auto', 'plain', 'none']),
    json: read.boolean('display.json'),
    quiet: read.boolean('display.quiet'),
    verbose: read.boolean('display.verbose'),
  };
  return {
    settings,
    display,
    failOnError: read.boolean('run.fail-on-error'),
    origins: resolved.origins,
    configJson: JSON.stringify(writtenConfig(resolved)),
  };
}

/** Effective settings in the form of a config file, units written out, secrets redacted. */
export function writtenConfig(resolved: ResolvedConfig): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const setting of SETTINGS.values()) {
    let value = resolved.values.get(setting.path);
    if (setting.path === 'storage.output') value ??= impliedOutput(resolved) ?? undefined;
    if (value === undefined) continue;
    if (setting.kind === 'headers') value = redactHeaders(value as Headers);
    if (setting.kind === 'origin-headers') value = redactOriginHeaders(value as OriginHeaders, REDACTED);
    if (setting.kind === 'proxy') value = redactUrl(value as string);
    if (setting.kind === 'list') value = (value as readonly string[]).map(redactUrl);
    const [section = '', key] = setting.path.split('.');
    const written = writeValue(setting, value);
    if (key === undefined) result[section] = written;
    else result[section] = { ...(result[section] as object | undefined), [key]: written };
  }
  return result;
}

/** Where the run would be written without `--output`: see `output-name.ts`. */
function impliedOutput(resolved: ResolvedConfig): string | null {
  const read = new Reader(resolved.values);
  const fromFlags =
    resolved.seeds.length > 0 ||
    ['input.urls', 'input.url-pattern'].some((key) => resolved.origins.get(key) === 'flag');
  return defaultOutput(
    {
      urls: read.list('input.urls'),
      seeds: resolved.seeds,
      patterns: read.list('input.url-pattern'),
      fromConfig: !fromFlags,
      configFile: resolved.configFile,
    },
    resolved.cwd,
  );
}

const NOTHING_TO_CRAWL =
  'nothing to crawl: give a list (crawl --urls list.txt), URLs (crawl https://example.com/), a config file (crawl --config FILE), ' +
  'or a database to continue (crawl -o data/list.db)';

function datasets(value: Value | undefined): readonly ExtractDataset[] {
  return Object.values((value ?? {}) as ExtractSetting);
}

/** Typed access to parsed values. The types hold because every value went through its option's check. */
class Reader {
  readonly #values: ReadonlyMap<string, Value>;

  constructor(values: ReadonlyMap<string, Value>) {
    this.#values = values;
  }

  value(key: string): Value | undefined {
    return this.#values.get(key);
  }

  number(key: string): number {
    const value = this.#values.get(key);
    if (typeof value !== 'number') throw new TypeError(`${key} has no number`);
    return value;
  }

  numberOrNull(key: string): number | null {
    return this.#values.has(key) ? this.number(key) : null;
  }

  textOrNull(key: string): string | null {
    const value = this.#values.get(key);
    return typeof value === 'string' ? value : null;
  }

  columnOrNull(key: string): string | number | null {
    const value = this.#values.get(key);
    return typeof value === 'string' || typeof value === 'number' ? value : null;
  }

  boolean(key: string): boolean {
    return this.#values.get(key) === true;
  }

  list(key: string): readonly string[] {
    const value = this.#values.get(key);
    return Array.isArray(value) ? (value as readonly string[]) : [];
  }

  word<W extends string>(key: string, words: readonly W[]): W {
    const word = words.find((candidate) => candidate === this.#values.get(key));
    if (word === undefined) throw new TypeError(`${key} is none of ${words.join(', ')}`);
    return word;
  }
}

function userAgentIn(headers: Headers): string | undefined {
  return Object.entries(headers).find(([name]) => name.toLowerCase() === 'user-agent')?.[1];
}
