/**
 * Config: one layer for each place a setting can come from. In: flags as parsed, environment variables, a config file, the
 * last run's settings. Out: for each, the parsed values by path, where they came from, and the problems with them, each
 * naming its place. Every layer is checked in full, also where a higher one overrides it.
 */
import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';

import { createRequire } from 'node:module';
import type * as Yaml from 'yaml';

import { environmentName, flagText, keyOf, OPTIONS, SETTINGS, type Setting } from './options.ts';
import { REDACTED } from './redact.ts';
import { checkConfig } from './schema.ts';
import { didYouMean } from './suggest.ts';
import { parseText, type Value } from './values.ts';

export interface Layer {
  /** `flag`, `environment`, the config file's path, or `last run`. */
  readonly origin: string;
  readonly values: ReadonlyMap<string, Value>;
  readonly problems: readonly string[];
  /** What was recorded as a mark only: the setting, and the header's or origin's name. */
  readonly secrets?: readonly { readonly path: string; readonly name: string }[];
  /** Where a value stands, for problems found later: `--timeout`, `crawl.yaml: fetch.timeout`. */
  place(settingPath: string): string;
}

/** Loaded on first use: most runs have no config file. */
const loadNow = createRequire(import.meta.url);

/** Flags by long name, without `no-`: the texts after each occurrence, or true/false. */
export type FlagValues = Readonly<Record<string, readonly string[] | boolean>>;

/** Settings that a later run does not take over. */
const NOT_KEPT = /^(input\.(add|strict)|limits\..*|storage\.(output|fresh|force)|display\..*|run\..*)$/;

/** Variables with our prefix that are not settings. */
const OTHER_VARIABLES: ReadonlySet<string> = new Set(['CRAWL_DB', 'CRAWL_DEBUG']);

/** The flags of a command line, `--set` included. Relative paths are taken from `cwd`. */
export function flagLayer(flags: FlagValues, cwd: string): Layer {
  const values = new Map<string, Value>();
  const places = new Map<string, string>();
  const problems: string[] = [];
  const read = (setting: Setting, texts: readonly string[], place: string): void => {
    places.set(setting.path, place);
    const parsed = parseText(setting, texts);
    if ('value' in parsed) values.set(setting.path, absolute(setting, parsed.value, cwd));
    else problems.push(...parsed.problems.map(({ at, message }) => `${at || keyOf(setting)} ${message} (${place})`));
  };
  for (const text of texts(flags['set'])) {
    const [, key = '', value = ''] = /^([^=]*)=(.*)$/s.exec(text) ?? [];
    const setting = SETTINGS.get(key.trim());
    if (setting !== undefined) read(setting, [value], `--set ${setting.path}`);
    else if (!text.includes('='))
      problems.push(`set must be written KEY=VALUE, such as fetch.timeout=10s, got "${text}" (--set)`);
    else problems.push(`${key} is not a known key${meantKey(key)} (--set)`);
  }
  for (const setting of SETTINGS.values()) {
    const given = setting.flag === null ? undefined : flags[setting.flag];
    // A flag of its own is more particular than --set.
    if (given !== undefined) read(setting, typeof given === 'boolean' ? [String(given)] : given, flagText(setting));
  }
  return { origin: 'flag', values, problems, place: (key) => places.get(key) ?? key };
}

/** All `CRAWL_…` variables. One that is no setting is a problem: it would otherwise be ignored without a word. */
export function environmentLayer(environment: Readonly<Record<string, string | undefined>>, cwd: string): Layer {
  const known = new Map([...SETTINGS.values()].map((setting) => [environmentName(setting.path), setting]));
  const values = new Map<string, Value>();
  const problems: string[] = [];
  for (const [name, text] of Object.entries(environment)) {
    if (!name.startsWith('CRAWL_') || OTHER_VARIABLES.has(name) || text === undefined) continue;
    const setting = known.get(name);
    if (setting === undefined) {
      const sameKey = [...known.keys()].find((other) => other.endsWith(`__${name.slice('CRAWL_'.length)}`));
      const remedy = sameKey === undefined ? didYouMean(name, known.keys()) : `; did you mean ${sameKey}?`;
      problems.push(`${name} is not a setting${remedy} (environment)`);
      continue;
    }
    // An empty variable is the usual way to say "not set".
    if (text === '') continue;
    const parsed = parseText(setting, [text]);
    if ('value' in parsed) values.set(setting.path, absolute(setting, parsed.value, cwd));
    else problems.push(...parsed.problems.map(({ at, message }) => `${at || keyOf(setting)} ${message} (${name})`));
  }
  return { origin: 'environment', values, problems, place: environmentName };
}

/** A YAML or JSON file. Relative paths are taken from the file's own folder. */
export function fileLayer(file: string, cwd: string): Layer {
  const full = path.resolve(cwd, file);
  const place = (key: string): string => (key === '' ? file : `${file}: ${key}`);
  const { raw, problems } = readConfigFile(full, file);
  if (problems.length > 0) return { origin: file, values: new Map(), problems, place };
  const checked = checkConfig(raw);
  const values = new Map(
    [...checked.values].map(([key, value]) => {
      const setting = SETTINGS.get(key);
      return [key, setting === undefined ? value : absolute(setting, value, path.dirname(full))];
    }),
  );
  const located = checked.problems.map((problem) => `${problem.message} (${place(problem.path)})`);
  return { origin: file, values, problems: located, place };
}

/**
 * The settings of an earlier run, as recorded in its file. What belonged to that command line alone (its output, its
 * display) is left out, and so is what this version does not know. A secret was recorded as a mark only: it is among
 * `secrets`.
 */
export function lastRunLayer(recorded: unknown): Layer {
  const values = new Map<string, Value>();
  const secrets: { path: string; name: string }[] = [];
  for (const [key, value] of checkConfig(recorded).values) {
    if (!NOT_KEPT.test(key)) values.set(key, value);
  }
  const proxy = values.get('fetch.proxy');
  if (typeof proxy === 'string' && proxy.includes(`${REDACTED}@`)) {
    values.delete('fetch.proxy');
    secrets.push({ path: 'fetch.proxy', name: proxy });
  }
  for (const path of ['fetch.headers', 'fetch.origin-headers']) {
    for (const [name, value] of Object.entries(values.get(path) ?? {})) {
      if (JSON.stringify(value).includes(`"${REDACTED}"`)) secrets.push({ path, name });
    }
  }
  return { origin: 'last run', values, problems: [], secrets, place: (key) => `last run: ${key}` };
}

function readConfigFile(full: string, shown: string): { raw: unknown; problems: string[] } {
  let text: string;
  try {
    if (statSync(full).isDirectory())
      return { raw: null, problems: [`${shown} is a folder, not a config file (--config)`] };
    text = readFileSync(full, 'utf8');
  } catch (error) {
    const missing = (error as { code?: unknown }).code === 'ENOENT';
    const why = missing ? 'there is no such file' : error instanceof Error ? error.message : String(error);
    return { raw: null, problems: [`the config file ${shown} cannot be read: ${why} (--config)`] };
  }
  const { LineCounter, parseDocument } = loadNow('yaml') as typeof Yaml;
  const lines = new LineCounter();
  // JSON is YAML 1.2, and this parser also refuses a key that stands twice.
  const document = parseDocument(text.replace(/^\uFEFF/, ''), { lineCounter: lines, prettyErrors: false });
  const problems = document.errors.map((error) => {
    const { line, col } = lines.linePos(error.pos[0]);
    return `${error.message.replace(/\.?\s*$/, '')} (${shown}:${String(line)}:${String(col)})`;
  });
  if (problems.length > 0) return { raw: null, problems };
  try {
    return { raw: document.toJS({ maxAliasCount: 100 }) as unknown, problems };
  } catch (error) {
    return { raw: null, problems: [`${error instanceof Error ? error.message : String(error)} (${shown})`] };
  }
}

function absolute(setting: Setting, value: Value, folder: string): Value {
  if (setting.kind === 'path' && typeof value === 'string') return path.resolve(folder, value);
  if (setting.kind === 'paths' && Array.isArray(value)) {
    return value.map((item: string) => (item === '-' ? item : path.resolve(folder, item)));
  }
  return value;
}

function meantKey(key: string): string {
  const sameKey = [...SETTINGS.values()].find((setting) => keyOf(setting) === key.trim());
  if (sameKey !== undefined) return `; did you mean ${sameKey.path}?`;
  const flag = OPTIONS.find((option) => option.flag === key.trim() && option.path !== null);
  return flag === undefined ? didYouMean(key, SETTINGS.keys()) : `; did you mean ${String(flag.path)}?`;
}

function texts(value: readonly string[] | boolean | undefined): readonly string[] {
  return typeof value === 'object' ? value : [];
}
