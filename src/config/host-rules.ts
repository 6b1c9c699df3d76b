/**
 * Config: settings of single hosts. In: the map `politeness.hosts` of a config file. Out: rules by canonical host pattern, or
 * every problem with its place below that key. The keys of a rule are settings of their own, and are read as those are.
 *
 *   politeness:
 *     hosts:
 *       example.com: { per-host: 1, delay: 2s }        that host
 *       "*.example.com": { rate: 10/m }                every name below it
 */
import type { HostRule } from '../model/settings.ts';
import { canonicalHostPattern } from '../url/host-rules.ts';
import { plainHost } from '../url/plain-host.ts';
import { SETTINGS, type Setting } from './options.ts';
import { didYouMean } from './suggest.ts';
import { quote } from './units.ts';

/** Rules by canonical pattern; the parsed form of `politeness.hosts`. */
export type HostsSetting = Readonly<Record<string, HostRule>>;

/** Key in a rule → the setting that it stands for, and its field in `HostRule`. */
const KEYS: ReadonlyMap<string, { readonly path: string; readonly field: keyof HostRule }> = new Map([
  ['per-host', { path: 'politeness.per-host', field: 'perHost' }],
  ['delay', { path: 'politeness.delay', field: 'delayMs' }],
  ['rate', { path: 'politeness.rate', field: 'rate' }],
  ['jitter', { path: 'politeness.jitter', field: 'jitter' }],
  ['insecure', { path: 'fetch.insecure', field: 'insecure' }],
]);

/** A problem at `at`, a path below `hosts` ('' for the map itself). */
interface HostsProblem {
  readonly at: string;
  readonly message: string;
}

/** Reads one value as its setting is read, or says what is wrong with it. */
export type ReadSetting = (
  setting: Setting,
  raw: unknown,
) => { readonly value: unknown } | { readonly problems: readonly { readonly message: string }[] };

/** Reads the whole map; what could be read comes together with every problem. */
export function parseHosts(raw: unknown, read: ReadSetting): { value: HostsSetting; problems: HostsProblem[] } {
  const value: Record<string, HostRule> = {};
  const problems: HostsProblem[] = [];
  if (!isMap(raw)) {
    problems.push({ at: '', message: `must be a map of host names to their settings, got ${quote(raw)}` });
    return { value, problems };
  }
  for (const [pattern, rule] of Object.entries(raw)) {
    const canonical = plainPattern(pattern);
    if (canonical === null) {
      const message =
        'must be a host such as example.com, or *.example.com for all names below it, without scheme or port';
      problems.push({ at: pattern, message: `${message}, got ${quote(pattern)}` });
    } else if (Object.hasOwn(value, canonical)) {
      problems.push({ at: pattern, message: `stands twice: it is the same host as ${canonical}` });
    } else {
      value[canonical] = parseRule(pattern, rule, read, problems);
    }
  }
  return { value, problems };
}

/** A rule is for the host, by either of its names. */
function plainPattern(pattern: string): string | null {
  const canonical = canonicalHostPattern(pattern);
  return canonical === null ? null : plainHost(canonical);
}

/** The rules as a config file has them. */
export function writeHosts(hosts: HostsSetting, write: (setting: Setting, value: never) => unknown): unknown {
  const written = Object.entries(hosts).map(([pattern, rule]) => {
    const keys = [...KEYS].filter(([, { field }]) => rule[field] !== undefined);
    return [
      pattern,
      Object.fromEntries(keys.map(([key, { path, field }]) => [key, write(settingOf(path), rule[field] as never)])),
    ];
  });
  return Object.fromEntries(written) as unknown;
}

/** For editors. */
export function hostsSchema(schemaOf: (setting: Setting) => Record<string, unknown>): Record<string, unknown> {
  const properties = Object.fromEntries(
    [...KEYS].map(([key, { path }]) => {
      const setting = settingOf(path);
      return [key, { description: setting.help, ...schemaOf(setting) }];
    }),
  );
  return { type: 'object', additionalProperties: { type: 'object', properties, additionalProperties: false } };
}

function parseRule(pattern: string, raw: unknown, read: ReadSetting, problems: HostsProblem[]): HostRule {
  const rule: Record<string, unknown> = {};
  const names = [...KEYS.keys()];
  if (!isMap(raw)) {
    problems.push({ at: pattern, message: `must be a map of ${names.join(', ')}, got ${quote(raw)}` });
    return rule;
  }
  for (const [key, item] of Object.entries(raw)) {
    const known = KEYS.get(key);
    const at = `${pattern}.${key}`;
    if (known === undefined) {
      const remedy = didYouMean(key, names) || `; the keys here are ${names.join(', ')}`;
      problems.push({ at, message: `is not a setting of a single host${remedy}` });
    } else if (item !== null) {
      const parsed = read(settingOf(known.path), item);
      if ('value' in parsed) rule[known.field] = parsed.value;
      else problems.push(...parsed.problems.map(({ message }) => ({ at, message })));
    }
  }
  return rule;
}

function settingOf(path: string): Setting {
  const setting = SETTINGS.get(path);
  if (setting === undefined) throw new TypeError(`${path} is no setting`);
  return setting;
}

function isMap(raw: unknown): raw is Readonly<Record<string, unknown>> {
  return typeof raw === 'object' && raw !== null && !Array.isArray(raw);
}
