/**
 * Config: the schema of a config file, made from the option table. In: an object as YAML or JSON gave it. Out: parsed
 * values by path, and every problem at once (unknown keys with what was meant, wrong types, wrong values). The same schema
 * is published as JSON Schema for editors (`crawl config schema`).
 */
import { createRequire } from 'node:module';
import type * as Zod from 'zod';

import { jsonSchemaOf } from './json-schema.ts';
import { keyOf, SETTINGS, type Setting } from './options.ts';
import { didYouMean, suggest } from './suggest.ts';
import { quote } from './units.ts';
import { parseValue, type Value } from './values.ts';

/** Loaded on first use, as only a config file needs it: a run over a list starts 40 ms earlier. */
const loadNow = createRequire(import.meta.url);

function zod(): typeof Zod {
  return loadNow('zod') as typeof Zod;
}

export interface SchemaProblem {
  /** As `fetch.concurrency`. */
  readonly path: string;
  /** Starts with the key it is about: `concurrency must be …`. */
  readonly message: string;
}

export interface CheckedConfig {
  readonly values: ReadonlyMap<string, Value>;
  readonly problems: readonly SchemaProblem[];
}

/** Kinds whose problems stand at the name of a host or an origin, which has dots of its own. */
const NAMES_WITH_DOTS: ReadonlySet<string> = new Set(['hosts', 'origin-headers']);

/** Section → its settings; a setting without a section (`extract`) is a section of its own. */
const SECTIONS: ReadonlyMap<string, readonly Setting[]> = sections();

/** Checks a whole config file. */
export function checkConfig(raw: unknown): CheckedConfig {
  const values = new Map<string, Value>();
  // An empty file is an empty configuration.
  const result = configSchema(values).safeParse(raw ?? {});
  return { values, problems: (result.error?.issues ?? []).flatMap(explain) };
}

/** The JSON Schema (draft 2020-12) of a config file. */
export function configJsonSchema(): Record<string, unknown> {
  const schema = zod().toJSONSchema(configSchema(new Map()), { io: 'input' });
  return { ...schema, title: 'Weir crawl configuration' };
}

function configSchema(values: Map<string, Value>): Zod.ZodType {
  const z = zod();
  const shape: Record<string, Zod.ZodType> = { $schema: z.string().optional() };
  for (const [section, settings] of SECTIONS) {
    const [only] = settings;
    if (only?.path === section) {
      shape[section] = settingSchema(only, values).optional();
      continue;
    }
    const keys = Object.fromEntries(
      settings.map((setting) => [keyOf(setting), settingSchema(setting, values).optional()]),
    );
    const names = Object.keys(keys).join(', ');
    // `null` is what YAML makes of a section whose keys are all commented out.
    shape[section] = z
      .strictObject(keys, {
        error: (issue) => (issue.code === 'invalid_type' ? groupMessage(names, issue.input) : undefined),
      })
      .nullable()
      .optional();
  }
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'invalid_type' ? 'must be a map of groups such as fetch: and storage:' : undefined,
  });
}

function settingSchema(setting: Setting, values: Map<string, Value>): Zod.ZodType {
  return zod()
    .unknown()
    .superRefine((raw, context) => {
      // `null` and an empty YAML value mean "not set".
      if (raw === undefined || raw === null) return;
      const parsed = parseValue(setting, raw);
      if ('value' in parsed) values.set(setting.path, parsed.value);
      else {
        for (const problem of parsed.problems) {
          context.addIssue({
            code: 'custom',
            message: problem.message,
            path: problem.at === '' ? [] : NAMES_WITH_DOTS.has(setting.kind) ? [problem.at] : problem.at.split('.'),
          });
        }
      }
    })
    .meta({ description: setting.help, ...defaultOf(setting), ...jsonSchemaOf(setting) });
}

function defaultOf(setting: Setting): Record<string, unknown> {
  return setting.default === null ? {} : { default: setting.default };
}

function explain(issue: Zod.core.$ZodIssue): SchemaProblem[] {
  const path = issue.path.map(String);
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownKey(path, key));
  const key = path.at(-1) ?? 'the configuration';
  return [{ path: path.join('.'), message: `${key} ${issue.message}` }];
}

function groupMessage(keys: string, input: unknown): string {
  return `is a group: its keys (${keys}) stand below it, indented, got ${quote(input)}`;
}

function unknownKey(path: readonly string[], key: string): SchemaProblem {
  const full = [...path, key].join('.');
  const here = path.length === 0 ? [...SECTIONS.keys()] : (SECTIONS.get(path[0] ?? '') ?? []).map(keyOf);
  // Right key, wrong group: `concurrency` at the top, or `fetch.per-host`.
  const elsewhere = [...SETTINGS.values()].find((setting) => keyOf(setting) === key && setting.path !== full);
  const remedy = elsewhere === undefined ? nearest(key, here) : `; did you mean ${elsewhere.path}?`;
  return { path: full, message: `${key} is not a known key${remedy}` };
}

function nearest(key: string, here: readonly string[]): string {
  if (suggest(key, here) !== null) return didYouMean(key, here);
  const all = [...SETTINGS.values()];
  const meant = suggest(key, all.map(keyOf));
  const setting = all.find((candidate) => keyOf(candidate) === meant);
  return setting === undefined ? `; the keys here are ${here.join(', ')}` : `; did you mean ${setting.path}?`;
}

function sections(): Map<string, Setting[]> {
  const result = new Map<string, Setting[]>();
  for (const setting of SETTINGS.values()) {
    const section = setting.path.split('.')[0] ?? setting.path;
    result.set(section, [...(result.get(section) ?? []), setting]);
  }
  return result;
}
