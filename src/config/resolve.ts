/**
 * Config: the layers put together. In: flags, environment, config file, the last run's settings. Out: one value for each
 * setting with its origin, and all problems of all layers. Precedence: flag > environment > config file > last run > default.
 *
 * A higher layer replaces a value, with four exceptions, which are merged name by name: headers, headers of single origins,
 * settings of single hosts, and extraction data sets.
 * Lists, patterns and URLs are one choice: a source on the command line puts those of the config file aside.
 */
import path from 'node:path';

import { ConfigError } from '../model/errors.ts';
import { selectorsOf, type ExtractSetting } from './extract.ts';
import { environmentLayer, fileLayer, flagLayer, lastRunLayer, type FlagValues, type Layer } from './layers.ts';
import { keyOf, SETTINGS } from './options.ts';
import { writeDuration } from './units.ts';
import { parseValue, type Value } from './values.ts';

/** `flag`, `environment`, `last run`, `default`, or the config file's path as it was given. */
export type Origin = string;

export interface ConfigRequest {
  readonly argv: FlagValues;
  /** URLs given as words. */
  readonly seeds?: readonly string[] | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Overrides the flag `--config`. */
  readonly configFile?: string | undefined;
  readonly cwd: string;
  /** The last run's recorded settings (`run.config`, parsed): only when an existing file is continued without a list. */
  readonly previousRun?: object | undefined;
}

export interface ResolvedConfig {
  /** By path; settings that nobody set and that have no default are missing. */
  readonly values: ReadonlyMap<string, Value>;
  readonly origins: ReadonlyMap<string, Origin>;
  readonly seeds: readonly string[];
  readonly configFile: string | null;
  readonly cwd: string;
  readonly problems: readonly string[];
  /** Where a setting's value stands, for messages. */
  place(settingPath: string): string;
}

/** Checks one CSS selector: `null`, or what is wrong with it. */
export type SelectorCheck = (selector: string) => string | null;

/** Kinds that are maps: the entries of all layers hold. */
const MERGED: ReadonlySet<string> = new Set(['headers', 'origin-headers', 'hosts', 'extract']);

const SOURCES = ['input.urls', 'input.url-pattern'] as const;

/** Reads and merges all layers. Throws nothing: problems are collected. */
export function resolveConfig(request: ConfigRequest): ResolvedConfig {
  const { argv, env, cwd, seeds = [] } = request;
  const [named] = typeof argv['config'] === 'object' ? argv['config'].slice(-1) : [];
  const file = request.configFile ?? named ?? null;
  const flags = flagLayer(argv, cwd);
  const layers: Layer[] = [flags, environmentLayer(env, cwd)];
  if (file !== null) layers.push(fileLayer(file, cwd));
  const lastRun = request.previousRun === undefined ? null : lastRunLayer(request.previousRun);
  const problems = layers.flatMap((layer) => layer.problems);

  const values = new Map<string, Value>();
  const origins = new Map<string, Origin>();
  const sourceGiven = seeds.length > 0 || SOURCES.some((key) => flags.values.has(key));
  for (const setting of SETTINGS.values()) {
    const isSource = (SOURCES as readonly string[]).includes(setting.path);
    const asked = isSource && sourceGiven ? [flags] : lastRun === null ? layers : [...layers, lastRun];
    const holders = asked.filter((layer) => layer.values.has(setting.path));
    const merged = merge(holders.map((layer) => layer.values.get(setting.path)).filter((value) => value !== undefined));
    if (merged !== undefined) {
      values.set(setting.path, merged);
      const mergedKind = MERGED.has(setting.kind);
      origins.set(setting.path, (mergedKind ? holders : holders.slice(0, 1)).map((layer) => layer.origin).join(', '));
    } else {
      const parsed = setting.default === null ? null : parseValue(setting, setting.default);
      if (parsed !== null && 'value' in parsed) values.set(setting.path, parsed.value);
      origins.set(setting.path, 'default');
    }
  }
  const place = (key: string): string => layers.find((layer) => layer.values.has(key))?.place(key) ?? key;
  const resolved = { values, origins, seeds, configFile: file === null ? null : path.resolve(cwd, file), cwd, place };
  return { ...resolved, problems: [...problems, ...lostSecrets(lastRun, layers), ...contradictions(resolved)] };
}

/** Adds what is wrong with the extraction rules' selectors, and throws everything found. @throws {ConfigError} `ERR_CONFIG` */
export function assertValid(resolved: ResolvedConfig, checkSelector?: SelectorCheck): void {
  const problems = [...resolved.problems];
  const extract = resolved.values.get('extract') as ExtractSetting | undefined;
  if (extract !== undefined && checkSelector !== undefined) {
    for (const { at, selector } of selectorsOf(extract)) {
      const wrong = checkSelector(selector);
      const name = at.split('.').at(-1) ?? at;
      if (wrong !== null)
        problems.push(`${name}: "${selector}" is not a CSS selector: ${wrong} (${resolved.place('extract')}, ${at})`);
    }
  }
  if (problems.length > 0) throw new ConfigError(problems);
}

/** The first value wins; maps are joined, the first one's entries winning. */
function merge(values: readonly Value[]): Value | undefined {
  const [first] = values;
  if (typeof first !== 'object' || Array.isArray(first)) return first;
  return Object.assign({}, ...[...values].reverse()) as Value;
}

/** Secrets of the last run that nobody gave again: going on without them would fetch other pages than before. */
function lostSecrets(lastRun: Layer | null, layers: readonly Layer[]): string[] {
  const isGiven = (key: string, name: string): boolean =>
    layers.some(({ values }) => {
      const value = values.get(key);
      return typeof value === 'object' ? Object.hasOwn(value, name) : value !== undefined;
    });
  return (lastRun?.secrets ?? [])
    .filter(({ path: key, name }) => !isGiven(key, name))
    .map(({ path: key, name }) => `the last run ${LOST[key]?.(name) ?? key}`);
}

const LOST: Readonly<Record<string, (name: string) => string>> = {
  'fetch.headers': (name) =>
    `sent the header ${name}, whose value is not recorded; give it again: -H '${name}: …' (fetch.headers)`,
  'fetch.origin-headers': (name) =>
    `sent headers to ${name}, whose values are not recorded; give them again (fetch.origin-headers)`,
  'fetch.proxy': (name) =>
    `went through the proxy ${name}, whose password is not recorded; give it again: --proxy URL (fetch.proxy)`,
};

/** Settings that are fine alone and make no sense together. */
function contradictions(config: Omit<ResolvedConfig, 'problems'>): string[] {
  const problems: string[] = [];
  const is = (key: string): boolean => config.values.get(key) === true;
  const say = (key: string, text: string): void => {
    const setting = SETTINGS.get(key);
    problems.push(`${setting === undefined ? key : keyOf(setting)} ${text} (${config.place(key)})`);
  };
  const timeout = config.values.get('fetch.timeout');
  const deadline = config.values.get('fetch.deadline');
  if (typeof timeout === 'number' && typeof deadline === 'number' && timeout > deadline) {
    // The default time-out simply ends with a shorter deadline.
    if (config.origins.get('fetch.timeout') !== 'default') {
      say(
        'fetch.timeout',
        `is ${writeDuration(timeout)}, longer than the deadline of ${writeDuration(deadline)}; raise --deadline too`,
      );
    }
  }
  if (is('display.quiet') && is('display.verbose')) say('display.quiet', 'and verbose contradict each other');
  if (is('storage.fresh') && is('input.add'))
    say('storage.fresh', 'starts over and add keeps the file: use one of them');
  if (is('storage.force') && !is('storage.fresh')) say('storage.force', 'belongs to --fresh and does nothing alone');
  if (config.values.get('parse.parse') === 'none' && config.values.has('extract')) {
    say('extract', 'needs parsed pages, but parse is none; use --parse full or links');
  }
  return problems;
}
